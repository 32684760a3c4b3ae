"""Articles: written by the desk, published by somebody else, read by everybody, used in answers, judged by readers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from comity.clocks import parameters
from comity.knowledge import operations, rules
from comity.knowledge.models import Feedback, KnowledgeArticle
from comity.records import write
from comity.records.models import Entry, Link
from tests.worlds import World
from tests.worlds import world as built

__all__ = ["built"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(built: World) -> World:
    cache.clear()
    return built


def article(world: World, by: str = "service_desk", **values: Any) -> Any:
    given = {"title": "The line is down", "body": "# First\n\nRestart the **router**.", "audience": "public"}
    return world.create("knowledge_article", by, **(given | values))


def published(world: World, **values: Any) -> Any:
    made = world.move(article(world, **values), "submit", "service_desk")
    return world.move(made, "publish", "process_manager", review_on=timezone.localdate() + timedelta(days=180))


def stamp_of(client: Client, path: str) -> str:
    return str(client.get(path).context["stamp"])


def test_nobody_publishes_what_he_wrote(world: World) -> None:
    made = world.move(article(world, "process_manager"), "submit", "process_manager")
    with pytest.raises(write.Refused, match="author"):
        world.move(made, "publish", "process_manager", review_on="2030-01-01")
    made.refresh_from_db()
    assert (made.status, made.published_at) == ("review", None)
    with pytest.raises(write.NotAllowed):
        world.move(made, "publish", "service_desk", review_on="2030-01-01")
    assert world.move(made, "publish", "operations_director", review_on="2030-01-01").published_at


def test_whoever_changes_the_draft_is_an_author_too(world: World) -> None:
    made = article(world)
    write.update(made, {"tags": "router"}, actor=world.actor("process_manager"))
    made = world.move(made, "submit", "service_desk")
    with pytest.raises(write.Refused):
        world.move(made, "publish", "process_manager", review_on="2030-01-01")


def test_readers_keep_the_published_text_while_a_new_one_is_written(world: World, client: Client) -> None:
    made = world.move(published(world), "revise", "service_desk")
    made = world.move(made, "rewrite", "service_desk", title="Half done", body="Half done.")
    page = client.get(f"/help/{made.ref}/").content.decode()
    assert "Restart the <strong>router</strong>" in page and "Half done" not in page
    made = world.move(made, "submit", "service_desk")
    made = world.move(made, "publish", "process_manager", review_on="2030-01-01")
    assert "Half done." in client.get(f"/help/{made.ref}/").content.decode()
    world.move(made, "retire", "process_manager", note="Old.")
    assert client.get(f"/help/{made.ref}/").status_code == 404


def test_everybody_reads_what_is_for_everybody_and_nothing_else(world: World, client: Client) -> None:
    public, inside, draft = published(world), published(world, audience="internal", title="Inside"), article(world)
    chinese = published(world, language="zh-hans", title="线路中断", body="请重启路由器。")
    page = client.get("/help/?language=en").content.decode()
    assert public.title in page and inside.title not in page and draft.ref not in page and chinese.title not in page
    assert chinese.title in client.get("/help/?language=zh-hans").content.decode()
    assert chinese.title in client.get("/help/", {"q": "路由器"}).content.decode()
    assert "No article holds these words" in client.get("/help/", {"q": "zebra", "language": "en"}).content.decode()
    for one in (inside, draft):
        assert client.get(f"/help/{one.ref}/").status_code == 404
    assert "sessionid" not in client.cookies and "csrftoken" not in client.cookies
    assert client.get("/help/nothing/more/").status_code == 404


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://e.example/p.png)", "<b onclick=x>"]
)
def test_articles_hold_no_script_or_picture(text: str) -> None:
    shown = rules.html(text)
    assert "<script" not in shown and 'href="javascript' not in shown and "<img" not in shown and "<b " not in shown


def test_readers_say_whether_it_helped_without_a_cookie(world: World) -> None:
    made, client = published(world), Client(enforce_csrf_checks=True)
    path = f"/help/{made.ref}/"
    sent = {"stamp": stamp_of(client, path), "helped": "no", "comment": "Which router?"}
    answer = client.post(path, sent)
    assert answer.status_code == 303 and "Thank you" in client.get(answer["Location"]).content.decode()
    one = Feedback.objects.get()
    assert (one.article, one.helped, one.comment) == (made, False, "Which router?")
    for wrong in ({"stamp": "x"}, {"helped": "perhaps"}, {"comment": "x" * 2001}):
        answer = client.post(path, sent | wrong)
        assert answer.status_code == 422 and Feedback.objects.count() == 1
    for _more in range(19):
        client.post(path, sent)
    count = Feedback.objects.count()
    assert client.post(path, sent).status_code == 429
    assert Feedback.objects.count() == count


def test_feedback_is_followed_up_on_the_article(world: World, client: Client) -> None:
    one = operations.told(published(world), False, "Which router?")
    operations.told(one.article, True, "")
    client.force_login(world.person("service_desk"))
    page = client.get("/knowledge/feedback/")
    assert [row.pk for row in page.context["rows"]] == [one.pk], "mere praise needs no follow-up"
    client.post(f"/knowledge/feedback/{one.pk}/settle/", {"note": " "})
    one.refresh_from_db()
    assert one.settled_at is None
    client.post(f"/knowledge/feedback/{one.pk}/settle/", {"note": "Named the model."})
    one.refresh_from_db()
    assert one.settled_by == world.person("service_desk")
    assert "Named the model." in Entry.objects.filter(kind="knowledge_article", act=Entry.POST).latest("pk").note
    assert client.post(f"/knowledge/feedback/{one.pk}/settle/", {"note": "Twice."}).status_code == 404


def case_of(world: World) -> Any:
    return world.create(
        "case", "service_desk", customer=world.customer.ref, contact=world.contact.ref, service=world.service.ref,
        channel="phone", description="Our router shows a red light.", wanted_remedy="A new one.", topic="availability",
    )  # fmt: skip


def test_what_fits_a_case_is_offered_used_and_counted(world: World, client: Client, settings: Any) -> None:
    settings.URL = "https://care.example.org"
    fitting = published(world, topic="availability", tags="router, modem")
    published(world, title="Paying by card", body="So.", topic="billing")
    case = case_of(world)
    client.force_login(world.person("complaint_handler"))
    page = client.get(case.url).content.decode()
    assert "The line is down" in page and "Paying by card" not in page
    answer = client.post(f"{case.url}use-article/", {"article": fitting.ref, "write": "1"})
    assert answer["Location"] == f"{case.url}write/?article={fitting.ref}"
    form = client.get(answer["Location"]).context["form"]
    assert f"https://care.example.org/help/{fitting.ref}/" in form["body"].value()
    assert Link.objects.filter(from_ref=case.ref, to_ref=fitting.ref, verb="answered_with").count() == 1
    assert operations.times_used(fitting) == 1
    fitting.refresh_from_db()
    assert fitting.used_at is not None
    draft = article(world)
    assert client.post(f"{case.url}use-article/", {"article": draft.ref}).status_code == 404
    draft.refresh_from_db()
    assert draft.used_at is None
    assert not Link.objects.filter(to_ref=draft.ref).exists()


def test_only_whoever_may_note_uses_an_article(world: World, client: Client) -> None:
    made, case = published(world), case_of(world)
    client.force_login(world.person("auditor"))
    assert client.post(f"{case.url}use-article/", {"article": made.ref}).status_code in (403, 404)
    assert not Link.objects.exists()
    assert client.get("/knowledge/feedback/").status_code == 403


def test_a_contact_sees_public_articles_only(world: World) -> None:
    from comity.records.access import readable
    from comity.records.kind import kind_of

    public = published(world)
    published(world, audience="internal")
    article(world)
    person = world.person("customer_contact")
    assert list(readable(kind_of(KnowledgeArticle), person)) in ([public], [])


def test_pages_answer_in_the_language_asked_for_and_lead_to_the_form(world: World, client: Client) -> None:
    made = published(world)
    for path in ("/help/", f"/help/{made.ref}/"):
        page = client.get(path, {"language": "zh-hans"}).content.decode()
        assert 'lang="zh-hans"' in page and "/complain/" in page
    assert "/help/" in client.get("/complain/").content.decode()


def test_a_small_provider_may_declare_instead(world: World) -> None:
    made = world.move(article(world, "process_manager"), "submit", "process_manager")
    parameters.change("separation_article", 0)
    with pytest.raises(ValidationError):
        world.move(made, "publish", "process_manager", review_on="2030-01-01")
    made = world.move(made, "publish", "process_manager", review_on="2030-01-01", note="Alone this week.")
    assert Entry.objects.filter(rule="separation_article", record_id=made.pk).exists()
