"""Work that a request does not wait for: kept in the database, taken with a lease, done at least once."""
