"""Mails of many forged senders do not bury the desk: they wait for a person, and nothing is lost."""

from __future__ import annotations

import pytest

from comity.cases.models import Case
from comity.clocks import parameters
from comity.communications.mail import Mail
from comity.intake import limits
from comity.intake.mail.jobs import take_held
from comity.notices.models import Notification
from comity.notices.operations.flooding import hear
from comity.records.models import Entry
from tests.intake.mail.conftest import Post
from tests.web.visitors import visitor

pytestmark = pytest.mark.django_db


def flood(post: Post, count: int = 4) -> list[str]:
    """So many mails of as many strangers, where two may open cases; the states that they came to."""
    parameters.change(limits.MAIL, 2)
    return [post.send(**{"from": f"n{n}@forged{n}.example"}).state for n in range(count)]


def held() -> int:
    return Mail.objects.filter(state="ignored", reason__startswith="flood").count()


def test_what_is_beyond_the_limit_is_held_and_customers_come_in(post: Post) -> None:
    assert flood(post) == ["taken", "taken", "ignored", "ignored"] and Case.objects.count() == 2
    known = post.case(post.send())  # the world's contact
    assert known.contact == post.world.contact and held() == 2
    answer = post.send("One more thing.", subject=f"Re: {known.ref}")  # nor does it keep out answers
    assert (answer.state, answer.ref) == ("taken", known.ref)
    hear(list(Entry.objects.filter(act="flooded")))
    told = Notification.objects.filter(event="alert", url__startswith="/mail/")
    assert {one.person.name for one in told} >= {"Administrator", "Process Manager"}
    assert Entry.objects.filter(act="flooded").count() == 1
    trail = visitor(post.world.person("administrator")).get("/settings/trail/").content.decode()
    assert "more came than is taken in" in trail


def test_a_person_takes_them_in_or_leaves_them_out(post: Post) -> None:
    flood(post)
    desk, keeper = visitor(post.world.person("service_desk")), visitor(post.world.person("process_manager"))
    assert desk.post("/mail/held/", {"act": "leave"}).status_code == 403 and held() == 2
    page = keeper.get("/mail/").content.decode()
    assert "2 mails are held" in page
    first = Mail.objects.filter(reason__startswith="flood").order_by("pk")[0]
    keeper.post(f"/mail/{first.pk}/act/", {"act": "take"})
    assert (Case.objects.count(), held()) == (3, 1)
    keeper.post("/mail/held/", {"act": "leave"})
    assert (Case.objects.count(), held()) == (3, 0) and "are held" not in keeper.get("/mail/").content.decode()
    left = Mail.objects.get(reason="left")
    assert left.raw and Entry.objects.filter(kind="mail", record_id=left.pk, act="leave").exists()
    keeper.post(f"/mail/{left.pk}/act/", {"act": "take"})
    assert Case.objects.count() == 4


def test_all_of_them_are_taken_in_with_the_time_at_which_they_came(post: Post) -> None:
    flood(post)
    at = list(Mail.objects.filter(reason__startswith="flood").order_by("pk").values_list("at", flat=True))
    assert take_held.func(post.world.person("process_manager").pk) == 2
    assert held() == 0 and [case.received_at for case in Case.objects.order_by("pk")[2:]] == at
