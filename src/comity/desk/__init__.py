"""What makes the desk fast: acts put together under a name, acts on many from the list, who else is at a record."""
