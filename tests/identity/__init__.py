"""The company's own systems: its SAML provider, its directory that provisions by SCIM."""
