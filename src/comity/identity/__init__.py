"""What the company's own systems say about people: who somebody is (SAML), and who comes and goes (SCIM)."""
