"""Findings, improvements and actions name requirements of the catalogue; auditors see those of their standards."""

from comity.compliance.catalogue import entry
from comity.compliance.operations.scope import requirements_of
from comity.improvement import against

against.judged_by(known=lambda name: entry(name) is not None, shown=requirements_of)
