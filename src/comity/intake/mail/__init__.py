"""Mail in: a message is read, its place is found, and it is taken in by one transaction (ISO/IEC 20000-1:2011 7.1)."""
