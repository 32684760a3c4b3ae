"""Satisfaction: questionnaires, surveys and who is asked in them, and what was answered."""
