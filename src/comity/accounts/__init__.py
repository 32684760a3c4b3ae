"""People, units, roles, grants, tokens: who is asking, and what they may do."""
