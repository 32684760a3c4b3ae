"""The thirteen roles. They are code, not rows: a role without a column in the matrix would permit nothing."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """A group of the system; which record it reaches is said by grants and by dated responsibilities."""

    RELATIONSHIP_MANAGER = "relationship_manager", _("Relationship manager")
    COMPLAINT_HANDLER = "complaint_handler", _("Complaint handler")
    SERVICE_DESK = "service_desk", _("Service desk")
    SUPPLIER_MANAGER = "supplier_manager", _("Supplier manager")
    PROJECT_MANAGER = "project_manager", _("Project manager")
    PROCESS_MANAGER = "process_manager", _("Process manager")
    OPERATIONS_DIRECTOR = "operations_director", _("Operations director")
    INTERNAL_ASSESSOR = "internal_assessor", _("Internal assessor")
    SENIOR_MANAGER = "senior_manager", _("Senior manager")
    ADMINISTRATOR = "administrator", _("Administrator")
    CUSTOMER_CONTACT = "customer_contact", _("Customer contact")
    SUPPLIER_CONTACT = "supplier_contact", _("Supplier contact")
    AUDITOR = "auditor", _("Read-only auditor")


CONTACTS = frozenset({Role.CUSTOMER_CONTACT, Role.SUPPLIER_CONTACT})
"""Roles of people outside the provider: they see what belongs to their own party only."""

STAFF = frozenset(Role) - CONTACTS
