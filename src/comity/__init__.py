"""Comity: service relationship management whose daily records prove conformity."""

__version__ = "0.1.0"
