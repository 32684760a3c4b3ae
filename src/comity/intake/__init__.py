"""What comes in by the heap: tables of other systems, read by a mapping, written through the one write path."""
