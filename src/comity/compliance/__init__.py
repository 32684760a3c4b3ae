"""Live compliance: the records answer each requirement of each standard, at any moment, and are shown behind it."""
