"""The settings of an installation: calendars, parameters, lookup lists, jobs, and the trail over everything."""
