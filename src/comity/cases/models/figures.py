"""The figures as they are kept: what each complaint adds to them, and the sums. Made by the worker, never by a request.

Nothing here is evidence: it follows from the cases and can be counted anew at any time (`comity recount`).
"""

from __future__ import annotations

from django.db import models


class Fact(models.Model):
    """What one case has added to the sums, so that exactly this can be taken away when it changes.

    `parts` holds `dimension=value`, one each, with bars between; `turns_at` is when time alone will change them.
    """

    case_id = models.BigIntegerField(primary_key=True)
    unit_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(default=0)
    service_id = models.BigIntegerField(default=0)
    month = models.DateField()
    parts = models.TextField()
    turns_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "service_id", "month"], name="fact_of_both"),
            models.Index(fields=["turns_at"], name="fact_turns", condition=models.Q(turns_at__isnull=False)),
        ]


class Tally(models.Model):
    """How many complaints of one month have one value: of all customers and services (0), of one customer, of one
    service. One row answers for any number of cases, so that a page costs the same for ten thousand and for a million.
    """

    customer_id = models.BigIntegerField()
    service_id = models.BigIntegerField()
    month = models.DateField()
    dimension = models.CharField(max_length=12)
    value = models.CharField(max_length=24)
    unit_id = models.BigIntegerField()
    n = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "service_id", "dimension", "month", "value", "unit_id"], name="tally_once"
            )
        ]


class Count(models.Model):
    """How far the counting is: one row. A first or renewed count goes from customer to customer (0: cases without
    one), and has come to this case of this customer."""

    customer_to = models.BigIntegerField(default=0)
    counted_to = models.BigIntegerField(default=0)
    complete = models.BooleanField(default=False)
    as_of = models.DateTimeField(null=True)
