"""What a responsibility can give. Wider than the groups that sign in: a duty is held over something, for a time."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Duty(TextChoices):
    RELATIONSHIP_MANAGER = "relationship_manager", _("Relationship manager")
    SUPPLIER_MANAGER = "supplier_manager", _("Supplier manager")
    COMPLAINT_OWNER = "complaint_owner", _("Complaint owner")
    COMPLAINT_HANDLER = "complaint_handler", _("Complaint handler")
    SERVICE_DESK = "service_desk", _("Service desk")
    PROJECT_MANAGER = "project_manager", _("Project manager")
    PROCESS_MANAGER = "process_manager", _("Process manager")
    PROCESS_OWNER = "process_owner", _("Process owner")
    STEP_OWNER = "step_owner", _("Step owner")
    OPERATIONS_DIRECTOR = "operations_director", _("Operations director")
    CUSTOMER_SERVICE_OWNER = "customer_service_owner", _("Customer service owner")
    SENIOR_MANAGER = "senior_manager", _("Senior manager")
    SERVICE_LEVEL_MANAGER = "service_level_manager", _("Service level manager")
    CHANGE_AUTHORITY = "change_authority", _("Change authority")
    STAGE_AUTHORITY = "stage_authority", _("Stage authority")
    DOCUMENT_APPROVER = "document_approver", _("Document approver")
    GATE_DECIDER = "gate_decider", _("Gate decider")
    IDEA_ENDORSER = "idea_endorser", _("Idea endorser")
    DEPLOYER = "deployer", _("Deployer")
    INTERNAL_ASSESSOR = "internal_assessor", _("Internal assessor")
    SECURITY_OWNER = "security_owner", _("Security owner")
    PRIVACY_OWNER = "privacy_owner", _("Privacy owner")
    RECORD_OWNER = "record_owner", _("Record owner")
    SYSTEM_OPERATOR = "system_operator", _("System operator")
    SYSTEM_SUPERVISOR = "system_supervisor", _("System supervisor")
    ADMINISTRATOR = "administrator", _("Administrator")
    CUSTOMER_CONTACT = "customer_contact", _("Customer contact")
    SUPPLIER_CONTACT = "supplier_contact", _("Supplier contact")
    AUDITOR = "auditor", _("Auditor")


SINGLE = frozenset(
    {
        Duty.RELATIONSHIP_MANAGER,
        Duty.SUPPLIER_MANAGER,
        Duty.COMPLAINT_OWNER,
        Duty.PROCESS_MANAGER,
        Duty.PROCESS_OWNER,
        Duty.STEP_OWNER,
        Duty.OPERATIONS_DIRECTOR,
        Duty.CUSTOMER_SERVICE_OWNER,
        Duty.SERVICE_LEVEL_MANAGER,
        Duty.SECURITY_OWNER,
        Duty.PRIVACY_OWNER,
        Duty.RECORD_OWNER,
        Duty.SYSTEM_SUPERVISOR,
    }
)
"""Duties that one person alone holds over the same thing at the same time; deputies are named beside."""
