"""The evidence pack: verdicts, records, documents and files frozen at a moment, for auditors without the database."""
