"""What indicators measure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Category(TextChoices):
    AWARENESS = "awareness", _("Service awareness")
    CAPABILITY = "capability", _("Ability to deliver")
    QUALITY = "quality", _("Quality")
    CUSTOMER_SATISFACTION = "customer_satisfaction", _("Satisfaction of customers")
    STAFF_SATISFACTION = "staff_satisfaction", _("Satisfaction of staff")
    CUSTOMER_TRUST = "customer_trust", _("Trust of customers")
    BRAND_VALUE = "brand_value", _("Value of the brand")
    LOYALTY = "loyalty", _("Loyalty")
    COMPETITIVE_ADVANTAGE = "competitive_advantage", _("Standing against competitors")
    FINANCIAL = "financial", _("Financial results")
    SERVICE_GAINS = "service_gains", _("Gains by good service")
    TOTAL_SERVICE_COST = "total_service_cost", _("Total cost of service")
    SLA_PERFORMANCE = "sla_performance", _("Targets of agreements")
    DELIVERY = "delivery", _("Service delivery")
    ORDER_FULFILMENT = "order_fulfilment", _("Orders delivered as promised")
    TURNAROUND = "turnaround", _("From order to delivery")
    RESPONSE_TIME = "response_time", _("Time to answer requests")
    COMPLAINTS = "complaints", _("Number of complaints")
    COMPLAINT_RESOLUTION = "complaint_resolution", _("Resolution of complaints")
    NONCOMPLIANCE = "noncompliance", _("Noncompliance")
    DEMAND = "demand", _("Demand")
    SUPPLY_CHAIN = "supply_chain", _("Supply chain")
    CONTINUITY = "continuity", _("Continuity of supply")
    SUPPLIER_GRADE = "supplier_grade", _("Grade of a supplier")
    SKILLS_COVERAGE = "skills_coverage", _("Coverage of skills")
    CRITICAL_RESOURCE = "critical_resource", _("Critical resource")
    CORRECTIVE_PROBLEMS = "corrective_problems", _("Corrective problems")
    PREVENTIVE_PROBLEMS = "preventive_problems", _("Preventive problems")
    SYSTEM_PERFORMANCE = "system_performance", _("Performance of a system")
    DATA_ACCURACY = "data_accuracy", _("Accuracy of data")
    DATA_CURRENCY = "data_currency", _("Currency of data")
    DATA_UPDATE = "data_update", _("Timeliness of updates")
    STAKEHOLDER_VALUE = "stakeholder_value", _("Value to a stakeholder")
    BUSINESS_CONTRIBUTION = "business_contribution", _("Contribution to the business")


class Level(TextChoices):
    FRONTLINE = "frontline", _("Frontline")
    PROCESS = "process", _("Process")
    SERVICE = "service", _("Service")
    ORGANISATION = "organisation", _("Organisation")


class Better(TextChoices):
    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")
