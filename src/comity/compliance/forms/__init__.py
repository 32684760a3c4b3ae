"""The forms of this room's kinds."""
