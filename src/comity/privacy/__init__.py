"""Requests about one's own data, legal holds, and the erasure of one person (CSMS:2003 8.7.2)."""
