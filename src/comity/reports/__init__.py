"""Printed things: charts, PDF and spreadsheets from plain data. Knows no kind of record and no domain word."""
