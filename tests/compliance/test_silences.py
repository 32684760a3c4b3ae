"""What did not happen: found by the worker, listed by person, customer and standard, mailed once a week."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from comity.communications.models import Mail
from comity.compliance import catalogue, listening
from comity.compliance.models import Silence
from comity.compliance.operations import silences, weekly
from comity.compliance.operations.scope import limit
from comity.jobs.models import Job
from comity.notices.models import Event as NoticeEvent
from comity.notices.models import Notification, Preference
from comity.records.models import writing
from comity.records.trail import Actor
from tests.standing import layer, stood
from tests.worlds import moment

LIST = "/compliance/silences/"


def hear_two_standards(monkeypatch):
    """Five take their time."""
    every = catalogue.requirements()
    some = {name: one for name, one in every.items() if one.standard in ("iso20000-1-2011-7", "brm-process-zh")}
    monkeypatch.setattr(silences, "catalogue", SimpleNamespace(requirements=lambda: some))


@layer
def never_spoken_to(world):
    """A customer with whom nobody ever spoke."""
    made = world.create("customer", "relationship_manager", name="Quiet Ltd")
    world.move(made, "activate", "relationship_manager")
    with writing():
        rows = type(made).objects.filter(pk=made.pk)
        rows.update(entered_at=moment(900), owner=world.person("relationship_manager"))
    with pytest.MonkeyPatch.context() as patch:
        hear_two_standards(patch)
        silences.listen()
    return type(made).objects.get(pk=made.pk)


@pytest.fixture(name="never_spoken_to")
def _never_spoken_to(world):
    return stood("never_spoken_to", world)


@pytest.fixture
def silent(never_spoken_to, monkeypatch):
    """That customer, to the ears of two standards."""
    hear_two_standards(monkeypatch)
    return never_spoken_to


def of(record):
    return Silence.objects.filter(kind=record.kind.name, record_id=record.pk)


def test_a_silence_names_record_owner_customer_and_who_asks(world, silent):
    found = of(silent)
    assert found.exists()
    for one in found:
        assert (one.ref, one.label, one.customer_id) == (silent.ref, "Quiet Ltd", silent.pk)
        assert one.owner_id == world.person("relationship_manager").pk
        for name in one.requirements:
            entry = catalogue.requirements()[name]
            assert f",{entry.standard}," in one.standards
            assert {use.rule for use in silences.uses(entry.use)} & silences.ABSENT


def test_a_check_that_breaks_keeps_what_was_known_and_stops_no_other(world, silent, monkeypatch):
    known = Silence.objects.values_list("rule", flat=True)
    broken, before = known[0], Silence.objects.count()
    records = silences._records

    def breaking(inquiry, use, lot, given):
        if given["rule"] == broken:
            raise ZeroDivisionError
        return records(inquiry, use, lot, given)

    monkeypatch.setattr(silences, "_records", breaking)
    silences.listen()
    assert Silence.objects.count() == before
    assert Silence.objects.filter(rule=broken).exists()


def test_it_keeps_its_age_and_goes_when_it_has_happened(world, silent):
    long_ago = timezone.now() - timedelta(days=40)
    of(silent).update(since=long_ago)
    before = of(silent).count()
    silences.listen()
    assert (of(silent).count(), of(silent).first().since) == (before, long_ago)
    world.move(silent, "end", "relationship_manager", note="They left.")
    silences.listen()
    assert of(silent).count() < before


def test_listening_twice_doubles_nothing(world, silent):
    before = list(Silence.objects.order_by("pk").values_list("pk", "rule", "label"))
    silences.listen()
    assert list(Silence.objects.order_by("pk").values_list("pk", "rule", "label")) == before


@pytest.mark.slow
def test_the_worker_listens_again_only_after_a_write(world, silent):
    listening.listen.call()
    assert listening.listen_again.call() == 0
    world.create("customer", "relationship_manager", name="Another")
    assert listening.listen_again.call() > 0


def test_readers_of_verdicts_see_all_and_others_their_own(world, as_, silent):
    for name in ("process_manager", "auditor", "relationship_manager"):
        text = as_(name).get(LIST, {"q": "Quiet"}).content.decode()
        assert "Quiet Ltd" in text, name
    page = as_("service_desk").get(LIST)
    assert page.status_code == 200 and "Quiet Ltd" not in page.content.decode()
    assert as_("customer_contact").get(LIST).status_code == 404


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ({"person": "relationship_manager@provider.example"}, True),
        ({"person": "service_desk@provider.example"}, False),
        ({"person": "none"}, False),
        ({"standard": "no-such"}, False),
        ({"mine": "yes"}, False),
    ],
)
def test_by_person_and_standard(world, as_, silent, query, there):
    text = as_("process_manager").get(LIST, {"q": "Quiet", **query}).content.decode()
    assert ("Quiet Ltd</a>" in text) == there


def test_an_auditor_hears_who_asks_in_his_standards_and_in_no_other(world, as_, silent):
    shared = Silence.objects.exclude(kind="").earliest("pk")
    shared.requirements, shared.standards = [*shared.requirements, "CSMS-4.1-a"], f"{shared.standards}csms-2003,"
    shared.save()
    limit(world.person("auditor"), ["csms-2003"], Actor.system("test"))
    rows = as_("auditor").get(LIST).context["rows"]
    asking = {name for row in rows for _said, asked in row.told for name, _url in asked}
    assert asking == {"CSMS-4.1-a"}


def test_by_customer(world, as_, silent):
    client = as_("process_manager")
    rows = client.get(LIST, {"customer": silent.ref}).context["rows"]
    assert rows and {row.first.customer_id for row in rows} == {silent.pk}
    assert not client.get(LIST, {"customer": "CUS-99999"}).context["rows"]


def test_each_leads_to_an_act(world, as_, silent):
    client = as_("relationship_manager")
    for row in client.get(LIST, {"customer": silent.ref}).context["rows"]:
        assert client.get(row.act).status_code == 200, row.act


def test_ones_own_stand_on_the_page_of_ones_work(world, as_, silent):
    text = as_("relationship_manager").get("/").content.decode()
    assert "What did not happen" in text and "/compliance/silences/?mine=yes" in text
    Silence.objects.all().delete()
    assert "/compliance/silences/?mine=yes" not in as_("relationship_manager").get("/").content.decode()


def test_who_only_reads_starts_nothing(world, as_):
    for name in ("auditor", "service_desk"):
        assert as_(name).post(f"{LIST}look/").status_code == 403
    assert not Job.objects.filter(name="comity.compliance.listening.listen").exists()
    assert as_("process_manager").post(f"{LIST}look/").status_code == 303
    assert Job.objects.filter(name="comity.compliance.listening.listen").count() == 1


def mails_to(world, name):
    return [mail for mail in Mail.objects.all() if world.email(name) in mail.recipients]


def test_once_a_week_a_mail_in_the_readers_language(world, silent):
    person = world.person("relationship_manager")
    type(person).objects.filter(pk=person.pk).update(language="zh-hans")
    assert weekly.tell_all() >= 1
    assert weekly.tell_all() == 0  # by a worker that was stopped in the middle and began again
    [mail] = mails_to(world, "relationship_manager")
    entry = catalogue.requirements()[of(silent).order_by("since", "pk").first().requirements[0]]
    assert Notification.objects.filter(person=person, event="silent").count() == 1
    from email import message_from_bytes, policy

    from comity.communications import originals

    body = message_from_bytes(originals.read(mail.raw), policy=policy.default).get_content()
    assert "Quiet Ltd" in body
    assert entry.gap_zh.replace("{record}", silent.ref)[:8] in body


@pytest.mark.parametrize(("way", "mails", "told"), [("off", 0, 0), ("app", 0, 1), ("mail", 1, 1)])
def test_as_its_reader_wants_to_hear_of_it(world, silent, way, mails, told):
    person = world.person("relationship_manager")
    Preference.objects.create(person=person, event=NoticeEvent.SILENT, way=way)
    weekly.tell_all()
    assert len(mails_to(world, "relationship_manager")) == mails
    assert Notification.objects.filter(person=person, event="silent").count() == told
