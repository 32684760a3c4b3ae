"""What is raised against a requirement: the requirement exists, and an auditor sees that of the standards in scope."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError

from comity.compliance.operations.scope import limit
from comity.improvement.models import Finding
from comity.intake.models import Remark
from comity.records import write
from tests.improvement.steps import action, finding, improvement
from tests.intake.conftest import run
from tests.web.visitors import visitor
from tests.worlds import World

BY = "relationship_manager"
NOWHERE, OURS, OTHER = "ISO20000-7.1-999", "ISO20000-7.1-04", "CSMS-4.1-a1"
DATA = {"title": "No manager", "type": "nonconformity", "requirement": NOWHERE, "opened_at": "2026-01-05T10:00"}


def text(answer: Any) -> str:
    return (b"".join(answer) if answer.streaming else answer.content).decode()


def test_a_requirement_that_no_standard_has_is_refused_at_every_door(world: World, tmp_path: Path) -> None:
    client, told = visitor(world.person(BY)), f"There is no requirement {NOWHERE} in any standard."
    page = client.post("/findings/new/", DATA)
    assert page.status_code == 422 and told in text(page)
    api = client.post("/api/v1/findings", DATA, content_type="application/json")
    assert api.status_code == 422 and NOWHERE in text(api)
    assert [error["pointer"] for error in api.json()["errors"]] == ["/requirement"]
    table = tmp_path / "t.csv"
    table.write_text(f"title,type,requirement\nNo manager,nonconformity,{NOWHERE}\n", "utf-8")
    with pytest.raises(CommandError):
        run("import", "finding", table, "--as", world.email(BY))
    assert told in str(Remark.objects.values().get())
    assert not Finding.objects.exists()
    for raise_ in (improvement, action):
        with pytest.raises(ValidationError) as refused:
            raise_(world, requirement=NOWHERE)
        assert set(refused.value.message_dict) == {"requirement"}
    assert finding(world, requirement=f" {OURS} ").requirement == OURS


def test_an_auditor_sees_at_no_door_what_lies_outside_the_scope(world: World) -> None:
    auditor = world.person("auditor")
    limit(auditor, ["iso20000-1-2011-7"], world.actor("process_manager"))
    ours, other, free = (finding(world, requirement=name, title=f"Gap {name}") for name in (OURS, OTHER, ""))
    more = [raise_(world, requirement=OTHER, title=f"Gap {OTHER}") for raise_ in (improvement, action)]
    write.link(world.customer, "about", other, actor=world.actor(BY))
    client, colleague = visitor(auditor), visitor(world.person("process_manager"))
    for address in (
        "/findings/", "/findings/?q=Gap", f"/findings/?requirement={OTHER}", "/findings/export/", "/improvements/",
        "/actions/", "/improvement/", "/search/?q=Gap", "/palette/?q=Gap", f"/lookup/finding/?q={other.ref}",
        world.customer.url, f"/customers/{world.customer.ref}/?tab=links", "/api/v1/findings", "/api/v1/findings?q=Gap",
        "/api/v1/improvements", "/api/v1/actions", f"/compliance/iso20000-1-2011-7/{OURS}/",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        seen = text(answer).replace(f"q={other.ref}", "").replace(f"requirement={OTHER}", "")
        assert f"Gap {OTHER}" not in seen and f"/{other.ref}/" not in seen, address
    for row in (other, *more):
        for address in (row.url, f"/api/v1/{row.kind.path}/{row.ref}"):
            assert client.get(address).status_code == 404, address
            assert colleague.get(address).status_code == 200, address
    for row in (ours, free):
        assert row.ref in text(client.get("/findings/")) and client.get(row.url).status_code == 200
