"""Asking all requirements, and keeping what they answered."""
