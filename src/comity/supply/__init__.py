"""How suppliers do: what is weighed of them, and the scorecard of a period."""
