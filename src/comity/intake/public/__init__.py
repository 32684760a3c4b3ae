"""The public door: the complaint form, and the page on which whoever complained follows the case."""
