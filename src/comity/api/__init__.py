"""The JSON interface: every kind of record, read and written by machines under the rights of a person."""
