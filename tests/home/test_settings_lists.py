"""Lookup lists and jobs as administrators keep them."""

import json

import pytest

from comity.jobs.models import Job
from comity.records.models import Entry, Term

LIST = "/settings/lists/contact_role/"


def posted(**changes):
    data = {}
    for term in Term.objects.filter(list="contact_role"):
        known = {"label": term.label, "label_zh": term.label_zh, "order": term.order, "active": "on"}
        known["seen"] = json.dumps([term.label, term.label_zh, term.order, term.active], ensure_ascii=False)
        data |= {f"t{term.pk}-{name}": value for name, value in known.items()}
    return data | changes


def test_words_are_renamed_ordered_and_deactivated(world, as_):
    term = Term.objects.get(list="contact_role", code="finance")
    data = posted(**{f"t{term.pk}-label": "Accounting", f"t{term.pk}-label_zh": "会计", f"t{term.pk}-order": "0"})
    del data[f"t{term.pk}-active"]
    assert as_("administrator").post(LIST, data).status_code == 303
    term.refresh_from_db()
    assert (term.label, term.label_zh, term.order, term.active) == ("Accounting", "会计", 0, False)
    line = Entry.objects.get(kind="term")
    assert (line.act, line.ref) == ("update", f"term-{term.pk}")
    assert line.changes["label"] == ["Finance", "Accounting"]
    assert line.changes["active"] == [True, False]


def test_a_word_is_added(world, as_):
    as_("administrator").post(f"{LIST}add/", {"code": "lawyer", "label": "Lawyer", "label_zh": "律师", "order": "20"})
    term = Term.objects.get(list="contact_role", code="lawyer")
    assert Entry.objects.get(kind="term", record_id=term.pk).changes["code"] == [None, "lawyer"]
    assert "律师" in as_("auditor").get(LIST).content.decode()


@pytest.mark.parametrize("wrong", [{"code": "finance"}, {"code": "Not A Code"}, {"label": ""}])
def test_a_wrong_word_is_not_added(world, as_, wrong):
    before = Term.objects.count()
    answer = as_("administrator").post(f"{LIST}add/", {"code": "x", "label": "X", "order": "1"} | wrong)
    assert (answer.status_code, Term.objects.count()) == (422, before)
    assert not Entry.objects.filter(kind="term").exists()


def test_one_wrong_word_saves_none(world, as_):
    first, second = Term.objects.filter(list="contact_role")[:2]
    answer = as_("administrator").post(LIST, posted(**{f"t{first.pk}-label": "New", f"t{second.pk}-label": ""}))
    assert answer.status_code == 422
    first.refresh_from_db()
    assert first.label != "New"
    assert not Entry.objects.filter(kind="term").exists()


def test_who_comes_second_sees_what_the_first_changed(world, as_):
    first, second = Term.objects.filter(list="contact_role")[:2]
    mine = posted(**{f"t{first.pk}-label": "Mine", f"t{second.pk}-label": "Also mine"})
    assert as_("administrator").post(LIST, posted(**{f"t{first.pk}-label": "Theirs"})).status_code == 303
    answer = as_("administrator").post(LIST, mine)
    assert answer.status_code == 409
    assert "Theirs" in answer.content.decode() and "by now" in answer.content.decode()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.label, second.label != "Also mine") == ("Theirs", True)
    assert Entry.objects.filter(kind="term").count() == 1
    seen = {f"{form.prefix}-seen": form["seen"].value() for form in answer.context["forms"]}
    assert as_("administrator").post(LIST, mine | seen).status_code == 303
    first.refresh_from_db()
    assert first.label == "Mine"


def test_a_page_that_is_older_leaves_words_alone_that_it_did_not_change(world, as_):
    first, second = Term.objects.filter(list="contact_role")[:2]
    mine = posted(**{f"t{second.pk}-label": "Mine"})
    as_("administrator").post(LIST, posted(**{f"t{first.pk}-label": "Theirs"}))
    assert as_("administrator").post(LIST, mine).status_code == 303
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.label, second.label) == ("Theirs", "Mine")


def test_lists_that_fields_use_are_there_even_when_empty(world, as_):
    Term.objects.filter(list="channel_purpose").delete()
    assert "/settings/lists/channel_purpose/" in as_("auditor").get("/settings/lists/").content.decode()
    assert as_("auditor").get("/settings/lists/channel_purpose/").status_code == 200


def test_failed_jobs_come_first_and_errors_are_for_administrators(world, as_):
    failed = Job.objects.create(name="first", state="failed", error="Traceback\nValueError: secret", attempts=5)
    Job.objects.create(name="second", state="done")
    Job.objects.create(name="third", state="running", done=3, total=10)
    page = as_("administrator").get("/settings/jobs/")
    assert [row["job"].name for row in page.context["rows"]] == ["first", "third", "second"]
    text = page.content.decode()
    assert "ValueError: secret" in text and 'value="3"' in text
    auditor = as_("auditor").get("/settings/jobs/").content.decode()
    assert "first" in auditor and "secret" not in auditor and 'value="retry"' not in auditor
    as_("administrator").post(f"/settings/jobs/{failed.pk}/", {"act": "retry"})
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("ready", 0)
    line = Entry.objects.get(kind="job")
    assert (line.act, line.ref) == ("retry", f"job-{failed.pk}")


def test_jobs_are_cancelled_and_what_moved_on_is_left_alone(world, as_):
    waiting, done = Job.objects.create(name="a"), Job.objects.create(name="b", state="done")
    client = as_("administrator")
    client.post(f"/settings/jobs/{waiting.pk}/", {"act": "cancel"})
    client.post(f"/settings/jobs/{done.pk}/", {"act": "cancel"})
    assert client.post(f"/settings/jobs/{done.pk}/", {"act": "erase"}).status_code == 404
    assert set(Job.objects.values_list("name", "state")) == {("a", "cancelled"), ("b", "done")}
    assert Entry.objects.filter(kind="job").count() == 1


def test_jobs_of_one_state_are_read_page_by_page(world, as_):
    Job.objects.bulk_create([Job(name=f"j{n}", state="done") for n in range(60)])
    client = as_("auditor")
    first = client.get("/settings/jobs/?state=done")
    second = client.get(f"/settings/jobs/?state=done&before={first.context['older']}")
    names = [row["job"].name for page in (first, second) for row in page.context["rows"]]
    assert names == [f"j{n}" for n in reversed(range(60))]
    assert client.get("/settings/jobs/?state=lost").status_code == 404
