"""The sample organisation of `comity demo` can be filled by the people in it."""

from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from comity.accounts.roles import Role
from comity.cases.models import Case
from comity.cases.operations.telling import wished_channel
from comity.claims.models import Claim
from comity.compliance.operations.computing import latest
from comity.home import complaints
from comity.home.demonstration import CHANNELS, sign_ins
from comity.improvement.models import Finding, Improvement
from comity.measures.models import Kpi
from comity.parties.models import Customer
from comity.risks.models import Control, Risk
from comity.satisfaction.models import Survey

pytestmark = pytest.mark.django_db
MEASURED = "ISO20000-7.1-27"


@pytest.mark.slow
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
    case, wishes = Case.objects.filter(customer__isnull=False)[0], ("email", "phone", "letter", "web_form")
    for case.notification_wish in ({"channel": wish} for wish in wishes):
        assert wished_channel(case), case.notification_wish
    assert {role for role, _email, _password in sign_ins()} >= {
        "Customer contact (/portal/)", "Supplier contact (/portal/)",
    } and len(sign_ins()) == len(Role)  # fmt: skip
    seen = {}
    for role, email, password in sign_ins():
        client = Client()
        assert client.login(email=email, password=password), role
        lands = client.get("/").headers.get("Location", "/")
        seen[role.partition(" (")[0]] = (lands, client.get(lands).status_code)
        if role.startswith("Service desk"):
            assert "First answer due in 1 h" in client.get(lands).content.decode()  # shared, in the side bar
        if role.startswith("Customer"):
            assert b"/portal/cases/CMP-" in client.get("/portal/cases/?show=all").content
            page = client.get("/portal/contacts/").content.decode()
            assert all(one in page for *_name, one, _hours in CHANNELS) and "No other channel" not in page
    assert seen.pop("Customer contact") == ("/portal/", 200) and seen.pop("Supplier contact") == ("/portal/", 403)
    assert set(seen.values()) == {("/", 200)}
    assert set(Customer.objects.values_list("entered_by__name", flat=True)) == {"Rosa Keller"}
    assert {*Improvement.objects.values_list("status", flat=True)} == {"closed", "implemented"}
    assert {*Finding.objects.values_list("status", flat=True)} == {"closed", "open"}
    assert Kpi.objects.filter(trend_alert_at__isnull=False).count() == 1
    assert Control.objects.filter(last_run_at=None).count() == 1
    assert sorted(Risk.objects.values_list("rank", flat=True)) == ["", "", "high", "medium"]  # one is only proposed
    with pytest.raises(CommandError, match="empty"):
        call_command("demo_data", verbosity=0)
    assert Case.objects.count() == files * 40
    assert sorted(Survey.objects.values_list("status", flat=True)) == ["closed_out", "open"]
    assert latest(only=[MEASURED])[MEASURED].own == "met"  # what hangs below it has an honest gap
    assert sorted(Claim.objects.values_list("status", flat=True)) == ["received", "refused", "settled"]
