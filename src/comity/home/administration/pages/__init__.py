"""The pages below /settings/, one module a topic."""
