"""The JSON interface, over every kind there is."""
