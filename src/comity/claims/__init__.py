"""Claims: what a customer asks for because a promise was not kept, and what we decided, gave and learned."""
