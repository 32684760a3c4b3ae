"""What holds the house together: floors, budgets, names, the one write path."""
