"""The sample organisation of `comity demo` can be filled by the people in it."""

from typing import Any

import pytest
from django.core.management import call_command

from comity.cases.models import Case
from comity.home import complaints
from comity.parties.models import Customer

pytestmark = pytest.mark.django_db


def test_the_sample_is_filled_and_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers belong to who looks after them, and every complaint of the extracts is taken in."""
    whole: Any = complaints._moved

    def first_lines(*words: Any) -> Any:
        columns, rows = whole(*words)
        return columns, rows[-40:]

    monkeypatch.setattr(complaints, "_moved", first_lines)
    call_command("demo_data", verbosity=0)
    files = len(list(complaints.SAMPLE.glob("*.csv.gz")))
    assert Case.objects.count() == files * 40
    assert Case.objects.filter(handler__isnull=False).exists()
    assert set(Customer.objects.values_list("entered_by__name", flat=True)) == {"Rosa Keller"}
