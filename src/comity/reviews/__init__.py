"""Reviews: what is looked at together at planned intervals, and the figures that are looked at."""
