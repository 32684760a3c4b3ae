"""The pages of this room: what was raised is seen where it was raised from, and numbers lead to records."""

import html
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comity.improvement.models import Finding
from comity.improvement.overview import Overview
from comity.records.models import writing
from tests.improvement.steps import WAYS, action, analysed, approved, decided, finding, implemented
from tests.web.visitors import visitor
from tests.worlds import moment

BY = "relationship_manager"


def read(world, url, by=BY):
    answer = visitor(world.person(by)).get(url)
    assert answer.status_code == 200, url
    return html.unescape(answer.content.decode())


def test_what_was_raised_stands_beside_its_source(world):
    row, task = finding(world), action(world, by=BY, source_ref=world.customer.ref)
    page = read(world, world.customer.url)
    assert row.url in page
    assert task.url in page
    assert f"/findings/new/?source_ref={world.customer.ref}" in page


def test_a_gap_raises_a_finding_in_one_click(world):
    asked = f"type=nonconformity&title=No+manager&source_ref={world.customer.ref}&requirement=ISO20000-7.1-04"
    page = read(world, f"/findings/new/?{asked}")
    for value in ("No manager", world.customer.ref, "ISO20000-7.1-04", world.email(BY)):
        assert f'value="{value}"' in page
    data = {"title": "No manager", "type": "nonconformity", "requirement": "ISO20000-7.1-04", "opened_at": ""}
    form = {**data, "opened_at": "2026-01-05T10:00", "source_ref": world.customer.ref}
    assert visitor(world.person(BY)).post("/findings/new/", form).status_code == 303
    assert Finding.objects.get().source_kind == "customer"
    assert "No manager" in read(world, "/findings/?q=ISO20000-7.1-04")
    assert "No manager" not in read(world, "/findings/?q=ISO20000-7.1-05")


def test_alternatives_stand_beside_each_other(world):
    page = read(world, decided(world).url)
    assert re.search(r"<th scope=\"row\">Hire two more</th><td>80,000 a year</td><td>3 minutes</td>", page)
    shown = visitor(world.person(BY)).get(Finding.objects.get().url).context
    assert not {"Whys", "Alternatives"} & {label for label, _value in (*shown["short"], *shown["long"])}
    form = read(world, f"{analysed(world).url}decide/", "process_manager")
    assert "There is no other way" in form
    assert len(WAYS) == 2


def test_the_effect_is_shown_with_its_gain(world):
    row = implemented(world, approved(world), value_now="6")
    page = read(world, row.url)
    assert "50 %" in page
    assert str(timezone.localdate() + timedelta(days=14)) in page


@pytest.mark.parametrize(
    ("counts", "word"), [((4, 3), "too few to say"), ((6, 6), "→ about the same"), ((5, 19), "↗ more")]
)
def test_a_cause_that_comes_back_has_a_direction_only_of_enough(world, counts, word):
    found = [
        finding(world, opened_at=moment(ago), type="observation", nature="")
        for ago, n in zip((120, 20), counts, strict=True)
        for _n in range(n)
    ]
    with writing():
        Finding.objects.update(cause_category="method")
    table = Overview(world.person("process_manager")).causes()
    assert [str(cell) if isinstance(cell, str) else cell.value for cell in table.rows[0]] == [
        "Process and method", world.service.ref, 0, 0, *counts, word,
    ]  # fmt: skip
    lead = table.rows[0][-2].url
    assert found[-1].ref in read(world, lead, "process_manager")
    assert found[0].ref not in read(world, lead, "process_manager")


def test_the_overview_tells_done_and_effective_apart(world):
    implemented(world, approved(world))
    page = read(world, "/improvement/", "process_manager")
    assert re.search(
        r"Done, effect not judged yet</dt><dd class='large'><a href='/improvements/\?status=implemented'>1", page
    )
    assert re.search(r"Effective</dt><dd class='large'>0", page)
    assert "/improvement/" in read(world, "/", "process_manager")


def test_no_contact_sees_the_overview(world):
    answer = visitor(world.person("customer_contact")).get("/improvement/")
    assert answer.status_code != 200
