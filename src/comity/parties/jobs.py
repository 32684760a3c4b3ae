"""Responsibilities that begin or end today."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django_tasks import task

from comity.jobs.schedule import every
from comity.parties.duties import Duty
from comity.parties.models import Customer
from comity.parties.operations import manager_in_charge


@every("5 0 * * *")
@task()
def hand_over() -> int:
    """Let each customer's owner follow the responsibilities that begin or end by date; how many were looked at."""
    since = timezone.localdate() - timedelta(days=3)  # a missed night is made up for
    dated = Q(responsibilities__starts_on__gte=since) | Q(responsibilities__ends_on__gte=since)
    left = Q(owner__ends_on__gte=since) | Q(owner__is_active=False)
    duty = Q(responsibilities__role=Duty.RELATIONSHIP_MANAGER, responsibilities__deputy=False)
    customers = Customer.objects.filter(duty & dated | left).distinct()
    for customer in customers:
        manager_in_charge(customer)
    return len(customers)
