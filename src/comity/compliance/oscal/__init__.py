"""Verdicts in the Open Security Controls Assessment Language (OSCAL 1.1), as plain dictionaries."""
