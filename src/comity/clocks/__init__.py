"""Working calendars, deadlines, and the parameters that set their length."""
