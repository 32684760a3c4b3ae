"""How records are shown: generic pages, panels and the design system. Knows kinds, never a domain word."""
