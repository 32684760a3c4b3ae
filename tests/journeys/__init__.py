"""Whole journeys in a real browser: what people do from morning to evening, with nothing faked below the page."""
