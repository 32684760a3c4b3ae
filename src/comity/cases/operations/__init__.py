"""What people and rules do with cases, each act through the one write path."""
