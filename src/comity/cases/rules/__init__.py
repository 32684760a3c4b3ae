"""What the complaint desk decides, in plain Python: no database, no web, no clock on the wall."""
