"""A small organisation, as the tests of accounts have it."""

from tests.accounts.conftest import branch, make, root, signed_in, told, untouched

__all__ = ["branch", "make", "root", "signed_in", "told", "untouched"]
