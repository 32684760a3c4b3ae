"""The pages of live compliance: who sees them, what they say, and what they cost."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comity.compliance import catalogue
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, Computation
from comity.compliance.operations import computing
from comity.compliance.operations.scope import limit
from comity.jobs.models import Job
from comity.parties.models import Customer
from comity.records.models import writing

BOARD = "/compliance/"
READERS = ("process_manager", "operations_director", "internal_assessor", "senior_manager", "auditor")
OTHERS = (
    "relationship_manager", "complaint_handler", "service_desk", "supplier_manager", "project_manager", "administrator",
)  # fmt: skip
ENTRY = "ISO20000-7.1-04"
PAGES = (BOARD, "/compliance/changes/", "/compliance/brm-process-zh/", f"/compliance/iso20000-1-2011-7/{ENTRY}/")


@pytest.mark.parametrize("path", PAGES)
def test_those_who_read_assessments_read_verdicts(computed, as_, path):
    for role in READERS:
        assert as_(role).get(path).status_code == 200, role
    for role in OTHERS:
        assert as_(role).get(path).status_code == 403, role
    for role in ("customer_contact", "supplier_contact"):
        assert as_(role).get(path).status_code == 404, role


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_the_readers_language(computed, as_, path, language):
    type(computed.person("auditor")).objects.filter(email=computed.email("auditor")).update(language=language)
    text = as_("auditor").get(path).content.decode()
    assert f'lang="{language}"' in text


def test_nothing_is_computed_by_looking_at_the_board(world, as_):
    page = as_("senior_manager").get(BOARD)
    assert "Nothing has been computed yet" in page.content.decode()
    assert (Answer.objects.count(), Computation.objects.count()) == (0, 0)


def test_the_board_says_for_each_standard_how_it_stands(computed, as_):
    text = as_("senior_manager").get(BOARD).content.decode()
    for standard in catalogue.standards().values():
        assert standard.title in text
    kept = computing.latest()
    known = [one for one in catalogue.standards()["brm-process-zh"].requirements if one.id in kept]
    parents = {one.parent for one in known}
    gaps = [one for one in known if one.scored and one.id not in parents and kept[one.id].verdict == "gap"]
    assert gaps
    assert "/compliance/brm-process-zh/?verdict=gap&amp;counted=yes" in text
    assert f"<b>{len(gaps)}</b>" in text


def test_the_board_asks_few_questions(computed, as_):
    client = as_("senior_manager")
    client.get(BOARD)
    with CaptureQueriesContext(connection) as few:
        client.get(BOARD)
    assert len(few) <= 40, [query["sql"][:150] for query in few]


def test_computing_is_asked_of_the_worker_and_only_once(world, as_):
    client = as_("senior_manager")
    assert client.post(f"{BOARD}compute/").status_code == 303
    assert client.post(f"{BOARD}compute/").status_code == 303
    assert Job.objects.filter(name="comity.compliance.jobs.compute").count() == 1
    assert "Waits for the worker" in client.get(BOARD).content.decode()


@pytest.mark.parametrize("role", ["auditor", "complaint_handler"])
def test_who_only_reads_starts_nothing(world, as_, role):
    assert as_(role).post(f"{BOARD}compute/").status_code == 403
    assert not Job.objects.filter(name="comity.compliance.jobs.compute").exists()


def test_a_standard_is_filtered_and_searched(computed, as_):
    client, path = as_("internal_assessor"), "/compliance/iso20000-1-2011-7/"
    every = catalogue.standards()["iso20000-1-2011-7"].requirements
    text = client.get(path).content.decode()
    assert all(one.id in text for one in every)
    kept = computing.latest()
    for verdict in ("gap", "not_assessed"):
        text = client.get(path, {"verdict": verdict}).content.decode()
        for one in every:
            assert (f">{one.id}</b>" in text) == (kept[one.id].verdict == verdict), one.id
    text = client.get(path, {"q": ENTRY}).content.decode()
    assert f">{ENTRY}</b>" in text and ">ISO20000-7.2-42</b>" not in text
    assert "Nothing fits" in client.get(path, {"q": "no such words anywhere"}).content.decode()


def test_the_same_list_as_a_file(computed, as_):
    client, path = as_("auditor"), "/compliance/brm-process-zh/export/"
    answer = client.get(path, {"verdict": "gap"})
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    wanted = [
        one.id
        for one in catalogue.standards()["brm-process-zh"].requirements
        if computing.latest()[one.id].verdict == "gap"
    ]
    assert [line[0] for line in lines[1:]] == wanted
    book = b"".join(client.get(path, {"format": "xlsx"}).streaming_content)
    assert book[:2] == b"PK"
    assert as_("service_desk").get(path).status_code == 403


def test_a_page_for_every_requirement(computed, as_):
    """Not one of them fails to say what it found."""
    client = as_("internal_assessor")
    for one in list(catalogue.requirements().values())[::9]:
        answer = client.get(f"/compliance/{one.standard}/{one.id}/")
        assert answer.status_code == 200, one.id


@pytest.mark.parametrize(
    "path", ["/compliance/none/", "/compliance/brm-process-zh/NONE/", f"/compliance/brm-process-zh/{ENTRY}/"]
)
def test_what_there_is_not(world, as_, path):
    assert as_("auditor").get(path).status_code == 404


def test_a_requirement_says_what_it_asks_how_and_why(computed, as_):
    one = catalogue.requirements()["BRM-3.3-9"]
    text = as_("auditor").get(f"/compliance/{one.standard}/{one.id}/").content.decode()
    for words in (one.text, "The check", "Records of the daily work", "History"):
        assert words in text, words
    for name in computing.answers(Inquiry(), [one])[0].values:
        assert f"/settings/parameters/{name}/" in text


def test_a_requirement_asks_no_more_about_many_gaps_than_about_two(computed, as_):
    """Why rows fall short is asked of all at once, and of what is kept only what the page shows."""
    client, path = as_("senior_manager"), "/compliance/brm-process-zh/BRM-3.1-1/"

    def questions():
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            text = client.get(path).content.decode()
        return text.count('href="/customers/'), [query["sql"] for query in asked]

    shown, few = questions()
    with writing():
        for n in range(5):
            row = Customer.objects.get(pk=computed.child.pk)
            row.pk, row.ref, row.name, row._state.adding = None, f"CUS-90{n}", f"Another {n}", True
            row.save()
    more, many = questions()
    assert (more > shown, len(many)) == (True, len(few)), (more, shown, many)
    kept = [sql for sql in many if 'FROM "compliance_answer"' in sql]
    assert kept and all('"compliance_answer"."requirement"' in sql.partition(" WHERE ")[2] for sql in kept)


def test_what_opens_a_list_shows_the_last_look_and_asks_anew_when_told(computed, as_):
    """Its entries, each with its kept verdict; the records, and what falls short now, only for whoever asks."""
    client, path = as_("senior_manager"), "/compliance/csms-2003/CSMS-10.2-s2/"
    kept = computing.latest(only=["CSMS-10.2-s2"])["CSMS-10.2-s2"]
    page = client.get(path)
    assert page.context["answer"] == kept and "As the look at" in page.content.decode()
    entries = catalogue.entry("CSMS-10.2-s2").use.arguments["of"]
    assert len(page.context["listed"]) == len(entries) == 7
    assert all(f'href="/compliance/csms-2003/{name}/"' in page.content.decode() for name in entries)
    anew = client.get(path, {"anew": "1"})
    assert anew.context["found"] and anew.context["answer"].pk is None and "listed" not in anew.context
    assert "listed" not in client.get(path, {"as_of": timezone.localdate() - timedelta(days=3)}).context
    Computation.objects.all().delete()
    assert "listed" not in client.get(path).context, "nobody has looked yet"


def test_an_open_finding_stands_beside_the_verdict_until_it_is_closed(computed, as_):
    """On the page of its requirement and in the list of the standard (CSMS:2003 16.1); an action can be raised, too."""
    path, assessor = f"/compliance/iso20000-1-2011-7/{ENTRY}/", as_("internal_assessor")
    found = computed.create("finding", "internal_assessor", title="Nobody named", requirement=ENTRY)
    page = assessor.get(path).content.decode()
    assert f"Finding open {found.ref}" in page and f"/actions/new/?requirement={ENTRY}" in page
    assert assessor.get("/compliance/iso20000-1-2011-7/").content.decode().count(f"Finding open {found.ref}") == 1
    assert "Finding open" not in assessor.get("/compliance/iso20000-1-2011-7/ISO20000-7.1-05/").content.decode()
    computed.move(found, "reject", "process_manager", note="A slip.")
    page = assessor.get(path).content.decode()
    assert "Finding open" not in page and found.url in page


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", "0000-00-00"])
def test_a_day_that_makes_no_sense_is_said_to_be_none(computed, as_, day):
    page = as_("auditor").get(f"/compliance/iso20000-1-2011-7/{ENTRY}/", {"as_of": day})
    assert "is no day that has come" in page.content.decode()
    assert as_("auditor").get("/compliance/changes/", {"since": day}).status_code == 400


def test_what_changed_between_two_days(computed, as_):
    one = computing.latest()[ENTRY]
    verdict = "gap" if one.verdict != "gap" else "met"
    long_ago = timezone.now() - timedelta(days=10)
    Answer.objects.create(requirement=ENTRY, standard=one.standard, since=long_ago, verdict=verdict, own=verdict)
    client = as_("senior_manager")
    today = timezone.localdate()
    text = client.get("/compliance/changes/", {"since": today - timedelta(days=5)}).content.decode()
    assert ENTRY in text and "1 verdict changed." in text
    text = client.get("/compliance/changes/", {"since": today, "until": today}).content.decode()
    assert "No verdict changed" in text
    assert ENTRY in client.get(BOARD).content.decode()


def test_a_day_that_has_passed_is_recomputed(computed, as_):
    """Yesterday nothing was on record yet, whatever is there today."""
    path = "/compliance/brm-process-zh/BRM-3.3-8/"
    yesterday = timezone.localdate() - timedelta(days=1)
    page = as_("auditor").get(path, {"as_of": yesterday})
    assert "Recomputed as of" in page.content.decode()
    assert page.context["answer"].population == 0
    assert "Recomputed as of" not in as_("auditor").get(path).content.decode()


def test_an_auditor_from_outside_sees_the_standards_of_the_scope_and_no_others(computed, as_):
    limit(computed.person("auditor"), ["brm-process-zh"], computed.actor("administrator"))
    client = as_("auditor")
    text = client.get(BOARD).content.decode()
    assert "/compliance/brm-process-zh/" in text and "/compliance/csms-2003/" not in text
    assert client.get("/compliance/brm-process-zh/").status_code == 200
    for path in ("/compliance/csms-2003/", "/compliance/csms-2003/export/", f"/compliance/iso20000-1-2011-7/{ENTRY}/"):
        assert client.get(path).status_code == 404, path
    assert "ISO20000-7.1" not in client.get("/compliance/brm-process-zh/BRM-3.3-9/").content.decode()
