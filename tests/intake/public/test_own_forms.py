"""Public forms that an organisation makes itself: what they ask, what becomes of the answers, who keeps them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from comity.cases.models import Case, FormQuestion, PublicForm
from comity.clocks import parameters
from comity.intake import limits
from comity.intake.public.tracking import Tracking
from comity.records import write
from comity.records.models import File
from tests.intake.conftest import run
from tests.intake.public.conftest import SAID, Sender, picture
from tests.web.visitors import visitor
from tests.worlds import World

BY = "process_manager"
QUESTIONS: tuple[dict[str, Any], ...] = (
    {"asks": "description", "label": "What did you like?", "label_zh": "您喜欢什么？"},
    {
        "asks": "choice",
        "label": "How often do you use it?",
        "options": "Daily | 每天\nNow and then | 偶尔",
        "required": True,
    },
    {"asks": "number", "label": "Machine number"},
    {"asks": "day", "label": "Bought on"},
    {"asks": "several", "label": "Used for", "options": "Work\nPlay | 玩"},
    {"asks": "tick", "label": "You may quote me"},
    {"asks": "line", "label": "In one word", "hint": "Any word."},
    {"asks": "text", "label": "More"},
)


def made(world: World, *questions: dict[str, Any], is_open: bool = True, **values: Any) -> PublicForm:
    """A form, open unless told otherwise, with these questions."""
    given = {"title": "Praise and ideas", "title_zh": "表扬与建议", "address": "praise", "classification": "praise"}
    form: PublicForm = world.create("public_form", BY, **(given | values))
    for position, one in enumerate(questions, 1):
        world.create("form_question", BY, form=form.ref, position=position, **one)
    return world.move(form, "open", BY) if is_open else form  # type: ignore[no-any-return]


def answers(sender: Sender, path: str, **changed: Any) -> Case | None:
    """The case that comes of sending the form at this address, if one does."""
    page = sender.client.get(path).content.decode()
    stamp = re.search('name="stamp" value="([^"]+)"', page)[1]  # type: ignore[index]
    sender.desk.later(hours=0.01)
    before = Case.objects.count()
    sender.answer = sender.client.post(path, {**SAID, "stamp": stamp, **changed})
    return Case.objects.order_by("-pk").first() if Case.objects.count() > before else None


def own(asks: str) -> str:
    return f"own-{FormQuestion.objects.get(asks=asks).pk}"


def test_its_own_questions_are_asked_and_answered(sender: Sender) -> None:
    form = made(sender.desk.world, *QUESTIONS, introduction="Thank you!", introduction_zh="谢谢！")
    page = sender.client.get("/complain/praise/").content.decode()
    for words in ("Praise and ideas", "Thank you!", "What did you like?", "Now and then", "Any word."):
        assert words in page
    assert 'name="conduct"' not in page and 'name="tell"' not in page and "What happened?" not in page
    assert 'name="website"' in page and 'name="photo"' in page
    said = {own("choice"): "Daily", own("number"): "4711.50", own("day"): "2026-03-01",
            own("several"): ["Work", "Play"], own("tick"): "on",
            own("line"): "Great", own("text"): ""}  # fmt: skip
    case = answers(sender, "/complain/praise/", description="The new pump.", files=[picture()], **said)
    assert case is not None, sender.text
    assert case.description == "The new pump." and case.public_form == form
    assert case.answers.rows == [
        ("How often do you use it?", "Daily"), ("Machine number", "4711.50"), ("Bought on", "2026-03-01"),
        ("Used for", "Work, Play"), ("You may quote me", "yes"), ("In one word", "Great"),
    ]  # fmt: skip
    assert (case.classification, case.channel, case.conduct, case.notification_wish) == ("praise", "web_form", "", {})
    assert File.objects.filter(record_id=case.pk, public=True).count() == 1
    assert Tracking.objects.get(case=case) and sender.client.get(sender.link).status_code == 200
    inside = visitor(sender.desk.world.person(BY))
    page, outside = inside.get(case.url).content.decode(), sender.client.get(sender.link).content.decode()
    assert "Came by the form" in page and "4711.50</dd>" in page and "Work, Play</dd>" in outside
    assert case.ref in inside.get(form.url).content.decode()
    asked = "/cases/?cols=ref,answers&public_form="
    assert case.ref in inside.get(asked + form.ref).content.decode()
    assert case.ref not in inside.get(asked + made(sender.desk.world, address="b").ref).content.decode()
    assert case.ref in inside.get("/cases/?q=4711").content.decode()
    told = inside.get(f"/api/v1/cases/{case.ref}/").json()
    assert told["public_form"] == form.ref and told["answers"][own_ref("number")]["answer"] == "4711.50"
    exported = b"".join(inside.get("/cases/export/?cols=ref,answers")).decode()
    assert "Used for: Work, Play" in exported


def own_ref(asks: str) -> str:
    return FormQuestion.objects.get(asks=asks).ref


def test_it_speaks_chinese(sender: Sender) -> None:
    made(sender.desk.world, *QUESTIONS)
    page = sender.client.get("/complain/praise/?language=zh-hans").content.decode()
    assert "表扬与建议" in page and "您喜欢什么？" in page and ">偶尔<" in page and "Machine number" in page
    case = answers(sender, "/complain/praise/", **{own("choice"): "Daily", own("number"): "0"})
    assert case is not None and case.language == "zh-hans"
    page = sender.client.get(sender.link).content.decode()
    assert "每天</dd>" in page and "0</dd>" in page and "Daily" not in page
    changed = {"label": "Other", "options": "No\nYes"}  # what was asked then stays
    write.update(FormQuestion.objects.get(asks="choice"), changed, actor=sender.desk.world.actor(BY))
    case.refresh_from_db()
    with translation.override("en"):
        assert case.answers.rows[0] == ("How often do you use it?", "Daily")


@pytest.mark.parametrize(
    ("asks", "value", "words"),
    [("choice", "", "Please answer this"), ("several", "Nothing", "valid choice"),
     ("choice", "Never", "valid choice"), ("number", "many", "Enter a number"),
     ("number", "9" * 30, "no more than"), ("number", "NaN", "Enter a number"), ("day", "0001-01-01", "1900"),
     ("day", "soon", "valid date"), ("line", "x" * 301, "300"), ("text", "x" * 20_001, "20000")],
)  # fmt: skip
def test_what_is_no_answer_is_said_and_what_was_typed_stays(sender: Sender, asks: str, value: str, words: str) -> None:
    made(sender.desk.world, *QUESTIONS)
    said = {own("choice"): "Daily", own("line"): "Kept"} | {own(asks): value}
    assert answers(sender, "/complain/praise/", **said) is None
    assert sender.answer.status_code == 422 and words in sender.text and "The pump stood still." in sender.text


def test_fields_that_it_does_not_ask_for_count_for_nothing(sender: Sender) -> None:
    made(sender.desk.world, {"asks": "line", "label": "Colour"}, files=False, nameless=False)
    for path, told in (("/complain/", True), ("/complain/praise/", False)):  # whoever stays nameless is warned of files
        assert ("by whom they were made" in sender.client.get(path).content.decode()) == told
    case = answers(
        sender, "/complain/praise/", severity="critical", classification="complaint", safety="on", status="closed",
        files=[picture()], **{"own-999999": "x"},
    )  # fmt: skip
    assert case is not None and (case.classification, case.severity, case.safety) == ("praise", "normal", False)
    assert case.description == SAID["description"] and not case.answers and not File.objects.exists()
    assert answers(sender, "/complain/praise/", who="anonymous") is None
    assert sender.answer.status_code == 422 and 'value="anonymous"' not in sender.text
    assert answers(sender, "/complain/praise/", name="") is None and "anonymous" not in sender.text


def test_it_is_there_only_while_it_is_open(sender: Sender) -> None:
    world = sender.desk.world
    form = made(world, is_open=False)
    keeper = visitor(world.person(BY))
    assert (
        sender.client.get(form.link).status_code == 404
        and "Praise" not in sender.client.get("/complain/").content.decode()
    )
    assert "This is how it will look" in keeper.get(form.link).content.decode()
    assert keeper.post(form.link, SAID).status_code == 404 and not Case.objects.exists()
    assert visitor(world.person("service_desk")).get(form.link).status_code == 404
    form = world.move(form, "open", BY)
    assert form.link in sender.client.get("/complain/").content.decode()
    page = sender.client.get(form.link)
    assert page.status_code == 200 and "/complain/" in page.content.decode() and "private" in page["Cache-Control"]
    world.move(form, "close", BY, note="Enough.")
    answer = sender.client.post(form.link, SAID)
    assert "no-store" in answer["Cache-Control"]  # what somebody wrote stays in no cache
    assert answer.status_code == 410 and "The pump stood still." in answer.content.decode()
    assert not Case.objects.exists() and sender.client.get(form.link).status_code == 410
    assert sender.client.get("/complain/nothing/").status_code == 404


def test_the_first_one_can_be_replaced_and_comes_back(sender: Sender) -> None:
    world = sender.desk.world
    form = made(world, title="Say it", address="first", classification="enquiry")
    assert form.link == "/complain/" and "Say it" in sender.client.get("/complain/").content.decode()
    case = answers(sender, "/complain/")
    assert case is not None and case.classification == "enquiry"
    world.move(form, "close", BY, note="Back.")
    case = sender.send()
    assert case is not None and case.classification == "complaint"


def test_a_preset_customer_and_service_stand_on_the_case(sender: Sender) -> None:
    world = sender.desk.world
    made(world, classification="complaint", customer=world.child.ref, service=world.service.ref)
    assert "praise" not in sender.client.get("/complain/").content.decode()  # nobody is led to it
    case = answers(sender, "/complain/praise/")
    assert case is not None and (case.customer, case.service, case.contact) == (world.child, world.service, None)
    assert case.unit == world.child.unit and any("that of the form" in line.words for line in sender.desk.lines(case))
    case = answers(sender, "/complain/praise/", address="ada@aster.example")  # a contact of another customer
    assert case is not None and (case.customer, case.contact, case.address) == (world.child, None, "ada@aster.example")


def test_forms_share_one_limit_and_count_each_sending_once(sender: Sender) -> None:
    made(sender.desk.world)
    parameters.change(limits.FORM_ONE, 2)
    page = sender.client.get("/complain/praise/").content.decode()
    stamp = re.search('name="stamp" value="([^"]+)"', page)[1]  # type: ignore[index]
    sender.desk.later(hours=0.01)
    for _n in range(2):
        assert sender.client.post("/complain/praise/", {**SAID, "stamp": stamp}).status_code == 200
    assert Case.objects.count() == 1 and sender.send() is None and sender.answer.status_code == 429
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/complain/praise/", {**SAID, "stamp": stamp}).status_code == 403 and Case.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [("public_form", {"address": "track"}, "address"), ("public_form", {"address": "A b"}, "address"),
     ("public_form", {"address": "praise"}, "address"), ("public_form", {"subtype": "order"}, "subtype"),
     ("form_question", {"asks": "line", "label": ""}, "label"), ("form_question", {"asks": "when"}, "__all__"),
     ("form_question", {"asks": "choice", "label": "Q", "options": "one"}, "options"),
     ("form_question", {"asks": "choice", "label": "Q", "options": "a\n" + "b" * 151}, "options")],
)  # fmt: skip
def test_a_form_that_cannot_work_is_refused(world: World, kind: str, wrong: dict[str, Any], field: str) -> None:
    form = made(world, {"asks": "when"}, is_open=False)
    given = {"title": "T", "classification": "praise"} if kind == "public_form" else {"form": form.ref}
    with pytest.raises(ValidationError) as caught:
        world.create(kind, BY, **(given | wrong))
    assert field in caught.value.message_dict
    assert PublicForm.objects.count() == 1 and FormQuestion.objects.count() == 1


def test_an_address_is_made_of_the_title(world: World) -> None:
    made_ones = [
        made(world, address="", is_open=False, title=title) for title in ("Ideas & praise", "Ideas, praise", "表扬")
    ]
    first, second, third = (one.address for one in made_ones)
    assert first == "ideas-praise" and second.startswith("ideas-praise-") and len(third) == 8


def test_those_who_keep_channels_keep_forms(world: World) -> None:
    form = made(world, is_open=False)
    handler = visitor(world.person("complaint_handler"))
    assert handler.post(f"{form.url}open/", {"version": form.version}).status_code == 403
    assert handler.post("/form-questions/new/", {"form": form.ref, "asks": "when"}).status_code == 403
    form.refresh_from_db()
    assert form.status == "draft" and not FormQuestion.objects.exists()
    keeper = visitor(world.person("administrator"))
    assert keeper.post("/form-questions/new/", {"form": form.ref, "asks": "when", "position": 0}).status_code == 303
    question = FormQuestion.objects.get()
    assert question.position == 1
    write.update(question, {"required": True}, actor=world.actor("administrator"))
    write.archive(question, actor=world.actor("administrator"), note="Not needed.")
    assert "when" not in form.link and 'name="when"' not in keeper.get(form.link).content.decode()


def test_forms_go_out_as_tables_and_come_in_again(world: World, tmp_path: Path) -> None:
    form = made(
        world, *QUESTIONS, is_open=False, introduction="Two\nlines, “quoted”", introduction_zh="谢谢！", nameless=False,
        service=world.service.ref,
    )  # fmt: skip
    for kind in ("public_form", "form_question"):
        path = tmp_path / f"{kind}.csv"
        run("export", kind, "--out", path)
        text = path.read_text("utf-8").replace("Reference,", "Number there,")  # another installation has its own
        text = text.replace("Praise and ideas", "Copy").replace(",praise,", ",copy,")
        path.write_text(text, "utf-8")
        assert " 0 refused" in run("import", kind, path, "--as", world.email(BY))
    copy = PublicForm.objects.get(address="copy")
    same = ("title_zh", "introduction", "introduction_zh", "classification", "service_id", "nameless", "files")
    assert [getattr(copy, name) for name in same] == [getattr(form, name) for name in same]
    asked = ("position", "asks", "label", "label_zh", "hint", "hint_zh", "options", "required")
    assert [*copy.questions.values(*asked)] == [*form.questions.values(*asked)] and copy.questions.count() == 8
