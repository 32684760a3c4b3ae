"""Telling other programs what happens here: signed, retried, logged, and never more than one person may read."""
