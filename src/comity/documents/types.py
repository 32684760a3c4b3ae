"""The types of controlled documents. Checks ask for them by code, so they are fixed words and not a lookup list."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DocumentType(TextChoices):
    PROCESS_DOCUMENT = "process_document", _("Process document")
    RELATIONSHIP_POLICY = "relationship_policy", _("Relationship policy")
    CUSTOMER_SERVICE_POLICY = "customer_service_policy", _("Customer service policy")
    SECURITY_POLICY = "security_policy", _("Security policy")
    PRIVACY_POLICY = "privacy_policy", _("Privacy policy")
    STRATEGIC_PLAN = "strategic_plan", _("Strategic plan")
    MANAGEMENT_SYSTEM_MANUAL = "management_system_manual", _("Management system manual")
    MEASUREMENT_MAP = "measurement_map", _("Measurement map")
    SMS_SCOPE_PLAN = "sms_scope_plan", _("Management system scope plan")
    COMPLAINT_PROCEDURE = "complaint_procedure", _("Complaint procedure")
    COMPLAINT_DEFINITION = "complaint_definition", _("Complaint definition")
    DISPUTE_PROCEDURE = "dispute_procedure", _("Dispute procedure")
    TERMINATION_PROCEDURE = "termination_procedure", _("Termination procedure")
    SUPPLIER_CRITERIA = "supplier_criteria", _("Supplier criteria")
    REVIEW_RULES = "review_rules", _("Review rules")
    REVIEW_PLAN = "review_plan", _("Review plan")
    RELATIONSHIP_PLAN = "relationship_plan", _("Relationship plan")
    CUSTOMER_PROFILE = "customer_profile", _("Customer profile")
    QUESTIONNAIRE = "questionnaire", _("Questionnaire")
    AUTHORIZATION = "authorization", _("Authorization")
    REVIEW_REPORT = "review_report", _("Review report")
    VALUE_PROPOSITION_PROCEDURE = "value_proposition_procedure", _("Value proposition procedure")
    SERVICE_DEVELOPMENT_PROCEDURE = "service_development_procedure", _("Service development procedure")
    MARKET_RESEARCH_PROCEDURE = "market_research_procedure", _("Market research procedure")
    MARKETING_MATERIAL = "marketing_material", _("Marketing material")
    WEB_CONTENT = "web_content", _("Web content")
    SERVICE_DELIVERY_PLAN = "service_delivery_plan", _("Service delivery plan")
    RISK_PROCEDURE = "risk_procedure", _("Risk procedure")
    ORDER_FULFILMENT_PROCEDURE = "order_fulfilment_procedure", _("Order fulfilment procedure")
    SUPPLY_CHAIN_PLAN = "supply_chain_plan", _("Supply chain plan")
    SUPPLY_CHAIN_PROCEDURE = "supply_chain_procedure", _("Supply chain procedure")
    COMMUNICATION_PROCEDURE = "communication_procedure", _("Communication procedure")
    TRADING_TERMS = "trading_terms", _("Trading terms")
    SECURITY_PROCEDURE = "security_procedure", _("Security procedure")
    IMPROVEMENT_PROCEDURE = "improvement_procedure", _("Improvement procedure")
    PROBLEM_PROCEDURE = "problem_procedure", _("Problem procedure")
    RECORDS_PROCEDURE = "records_procedure", _("Records procedure")
    SYSTEMS_PROCEDURE = "systems_procedure", _("Systems procedure")
    CHANGE_PROCEDURE = "change_procedure", _("Change procedure")
    CONTINUITY_PLAN = "continuity_plan", _("Continuity plan")
    DOCUMENT_CONTROL_PROCEDURE = "document_control_procedure", _("Document control procedure")
    SUPPORT_PROCEDURE = "support_procedure", _("Support procedure")
    MEASUREMENT_PROCEDURE = "measurement_procedure", _("Measurement procedure")
    ASSESSMENT_PROCEDURE = "assessment_procedure", _("Assessment procedure")
    MANAGEMENT_REVIEW_PROCEDURE = "management_review_procedure", _("Management review procedure")
    INSTRUCTION = "instruction", _("Instruction")
    REPORTING_INSTRUCTION = "reporting_instruction", _("Reporting instruction")
    OTHER = "other", _("Other")


T = DocumentType
CLASSES: dict[str, tuple[DocumentType, ...]] = {
    "process": (T.PROCESS_DOCUMENT,),
    "policy": (T.RELATIONSHIP_POLICY, T.CUSTOMER_SERVICE_POLICY, T.SECURITY_POLICY, T.PRIVACY_POLICY),
    "plan": (
        T.STRATEGIC_PLAN, T.SMS_SCOPE_PLAN, T.REVIEW_PLAN, T.RELATIONSHIP_PLAN, T.SERVICE_DELIVERY_PLAN,
        T.SUPPLY_CHAIN_PLAN, T.CONTINUITY_PLAN,
    ),
    "manual": (T.MANAGEMENT_SYSTEM_MANUAL, T.MEASUREMENT_MAP),
    "procedure": (
        T.COMPLAINT_PROCEDURE, T.DISPUTE_PROCEDURE, T.TERMINATION_PROCEDURE, T.REVIEW_RULES,
        T.VALUE_PROPOSITION_PROCEDURE, T.SERVICE_DEVELOPMENT_PROCEDURE, T.MARKET_RESEARCH_PROCEDURE, T.RISK_PROCEDURE,
        T.ORDER_FULFILMENT_PROCEDURE, T.SUPPLY_CHAIN_PROCEDURE, T.COMMUNICATION_PROCEDURE, T.SECURITY_PROCEDURE,
        T.IMPROVEMENT_PROCEDURE, T.PROBLEM_PROCEDURE, T.RECORDS_PROCEDURE, T.SYSTEMS_PROCEDURE, T.CHANGE_PROCEDURE,
        T.DOCUMENT_CONTROL_PROCEDURE, T.SUPPORT_PROCEDURE, T.MEASUREMENT_PROCEDURE, T.ASSESSMENT_PROCEDURE,
        T.MANAGEMENT_REVIEW_PROCEDURE,
    ),
    "definition": (T.COMPLAINT_DEFINITION, T.SUPPLIER_CRITERIA, T.QUESTIONNAIRE),
    "record": (T.CUSTOMER_PROFILE, T.AUTHORIZATION, T.REVIEW_REPORT),
    "publication": (T.MARKETING_MATERIAL, T.WEB_CONTENT, T.TRADING_TERMS),
    "instruction": (T.INSTRUCTION, T.REPORTING_INSTRUCTION),
}  # fmt: skip
"""Which types are policies, plans, procedures, …"""
