"""The rows of cases, which forget who complains where their reader is not to know it."""

from comity.records.seen import SeenRows


class CaseRows(SeenRows):
    looked_at = ("confidential", "restricted")
