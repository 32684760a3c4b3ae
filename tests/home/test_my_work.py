"""The first page: what waits, and what nobody has taken."""

from __future__ import annotations

import pytest

from comity.home import work
from tests.home.conftest import SignIn
from tests.worlds import World


def test_what_nobody_has_taken_starts_with_the_most_urgent_and_leads_to_the_rest(
    world: World, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "FEW", 2)
    values = {"customer": world.customer.ref, "contact": world.contact.ref, "service": world.service.ref}
    values |= {"channel": "phone", "description": "The line was down.", "wanted_remedy": "A credit."}
    cases = [world.create("case", "service_desk", **values) for _n in range(2)]
    handler = as_("complaint_handler")
    page = handler.get("/").text
    assert all(case.url in page for case in cases) and "handler=none" not in page
    cases.append(world.create("case", "service_desk", **values))
    page = handler.get("/").text
    assert sum(f'<a class="ref" href="{case.url}"' in page for case in cases) == 2
    rest = "/cases/?handler=none&sort=next_due_at"
    assert rest.replace("&", "&amp;") in page
    register = handler.get(rest)
    assert register.status_code == 200 and all(case.url in register.text for case in cases)
    assert "/compliance/none/" not in handler.get(cases[0].url).text  # nobody asks yet what followed from it
