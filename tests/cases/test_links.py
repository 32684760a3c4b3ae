"""What the page of a case leads to can be opened by whoever reads it: a link into a refusal is a defect."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.accounts.models import ApiToken
from comity.cases.models import Case
from comity.records import write
from comity.records.access import may, readable
from comity.records.kind import kind_named
from comity.records.models import Link
from tests.cases.conftest import Desk
from tests.cases.test_referral import refer
from tests.intake.mail.conftest import Post

pytestmark = pytest.mark.django_db
INSIDE = (
    "relationship_manager", "deputy", "complaint_handler", "service_desk", "supplier_manager", "project_manager",
    "process_manager", "operations_director", "internal_assessor", "senior_manager",
)  # fmt: skip
NO_PAGES = ("#", "/static/", "/accounts/logout/")


class Hrefs(HTMLParser):
    """Where a page leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value for name, value in attrs if name in ("href", "hx-get") and value}
        self.found |= {str(value) for value in named.values() if not str(value).startswith(NO_PAGES)}


def rich(desk: Desk, by: str) -> Case:
    """A case with everything that its page can lead to: mails, letters, escalations, a referral, actions, links."""
    world = desk.world
    case = desk.register(by)
    Post(world).send("It is down again.", subject=f"Re: [{case.ref}]")
    while case.status != "resolved":
        case = desk.step(Case.objects.get(pk=case.pk))
    desk.move(case, "reject", "customer_contact", note="Not enough.")
    refer(desk, case)
    done = {"action": "Change the router", "action_owner": world.email("complaint_handler")}
    desk.move(case, "promise", **done, action_due_on="2099-01-01")
    for other in (world.customer, world.service, desk.register("complaint_handler")):
        write.link(case, "relates_to", other, actor=desk.rule())
    write.attach(case, SimpleUploadedFile("photo.txt", b"dark"), actor=world.actor("complaint_handler"))
    world.create("macro", "process_manager", name="Billing", note="Called.")
    return Case.objects.get(pk=case.pk)


def leading(client: Client, case: Case) -> set[str]:
    pages = [client.get(address) for address in (case.url, f"{case.url}?tab=said")]
    assert [page.status_code for page in pages] == [200, 200]
    return set().union(*(Hrefs(page.content.decode()).found for page in pages))


def dead(client: Client, case: Case) -> dict[str, int]:
    """The links of the page that refuse their reader."""
    answers = {href: client.get(case.url + href if href[0] == "?" else href) for href in sorted(leading(client, case))}
    assert len(answers) > 20
    return {href: answer.status_code for href, answer in answers.items() if answer.status_code in (403, 404)}


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("role", [*INSIDE, "auditor"])
def test_no_link_leads_into_a_refusal(desk: Desk, role: str) -> None:
    person = desk.world.person(role)
    case = rich(desk, role if may(person, kind_named("case"), "create") else "service_desk")
    client = Client()
    client.force_login(person)
    assert not dead(client, case)


def test_what_may_not_be_opened_is_shown_where_it_is(desk: Desk) -> None:
    """The desk logs exchanges and reads its own; what others logged it reads on the case alone."""
    case = rich(desk, "service_desk")
    theirs = desk.world.create(
        "communication", "complaint_handler", direction="outbound", purpose="answer", subject_ref=case.ref,
        customer=case.customer.ref, contact=case.contact.ref, summary="We called.", body="It was the router.",
    )  # fmt: skip
    pages = {}
    for role in ("service_desk", "process_manager"):
        client = Client()
        client.force_login(desk.world.person(role))
        assert readable(kind_named("communication"), desk.world.person(role)).filter(pk=theirs.pk).exists() == (
            role == "process_manager"
        )
        pages[role] = client.get(f"{case.url}?tab=said").content.decode()
        assert f"{theirs.ref} We called." in pages[role] and "It was the router." in pages[role]
    assert f'href="{theirs.url}"' in pages["process_manager"] and f'href="{theirs.url}"' not in pages["service_desk"]


@pytest.mark.parametrize("verb", ["follow_up_of", "merged_into", "split_from", "continued_as"])
def test_a_link_by_which_mail_finds_its_way_is_not_made_by_hand(desk: Desk, verb: str) -> None:
    case, other = desk.register(), desk.register()
    client, (_row, secret) = Client(), ApiToken.issue(desk.world.person("process_manager"), "t", ["write"], 1)
    client.force_login(desk.world.person("process_manager"))
    client.post(f"{case.url}link/", {"to": other.ref, "verb": verb})
    assert "Only a step of its own" in client.get(case.url).content.decode()
    answer = Client().post(
        f"/api/v1/cases/{case.ref}/links", {"to": other.ref, "verb": verb}, "application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )  # fmt: skip
    assert answer.status_code == 422 and verb in answer.content.decode()
    assert not Link.objects.exists()
    tie = write.link(case, verb, other, actor=desk.rule())
    with pytest.raises(ValidationError):
        write.unlink(tie, case, actor=desk.world.actor("process_manager"))
    assert Link.objects.get() == tie
