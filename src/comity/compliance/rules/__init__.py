"""What needs no database: the language of populations, and how verdicts are put together."""
