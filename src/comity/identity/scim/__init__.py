"""Provisioning by SCIM 2.0 (RFC 7643, RFC 7644): users are our people, groups are roles in the unit of the token."""
