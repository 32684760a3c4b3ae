"""Sign-in by SAML 2.0: we ask, the company's provider answers with a signed assertion. An extra: `comity[saml]`."""
