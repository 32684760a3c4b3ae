"""The pages of customers' contacts: their cases, agreements, data, and ways to reach us."""
