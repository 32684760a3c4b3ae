"""Separation of duties: refused by default; where it may be declared, a reason is asked, kept and shown."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from comity.accounts.models import Grant, Person
from comity.agreements.operations import revise
from comity.clocks import parameters
from comity.home.administration import parameters as proposals
from comity.parties.separation import uses
from comity.records import write
from comity.records.models import Entry
from comity.records.trail import Refused
from tests.improvement.steps import implemented
from tests.worlds import LONG_AGO, World, days_ago

DIRECTOR = "operations_director"
WHY = "We are two."


class Case:
    """One rule in use: what one person does on both sides, and where the reason goes."""

    parameter = ""
    field = "note"

    def record(self, world: World) -> Any:
        raise NotImplementedError

    def act(self, world: World, record: Any, why: str = "") -> Any:
        raise NotImplementedError

    def done(self, record: Any) -> bool:
        raise NotImplementedError


class Document(Case):
    parameter = "separation_document"

    def record(self, world: World) -> Any:
        values = {"document": world.definition.document.ref, "body": "New.", "author": world.email(DIRECTOR)}
        version = world.create("document_version", "process_manager", **values, change_reason="Clearer.")
        return world.move(version, "submit", "process_manager")

    def act(self, world: World, record: Any, why: str = "") -> Any:
        return world.move(record, "approve", DIRECTOR, note=why, effective_on=timezone.localdate())

    def done(self, record: Any) -> bool:
        return bool(record.approver_id)


class Change(Case):
    parameter = "separation_change"

    def record(self, world: World) -> Any:
        manager = world.actor("relationship_manager")
        version = revise(world.second, actor=manager, reason="Next year.")
        version = write.update(version, {"author": world.email(DIRECTOR)}, actor=manager)
        return world.move(version, "negotiate", "relationship_manager")

    def act(self, world: World, record: Any, why: str = "") -> Any:
        signed = {
            "signed_on": days_ago(0), "signed_for_us": world.email(DIRECTOR), "signed_by": world.contact.ref,
            "effective_on": timezone.localdate(),
        }  # fmt: skip
        return world.move(record, "agree", DIRECTOR, note=why, **signed)

    def done(self, record: Any) -> bool:
        return bool(record.approved_by_id)


class Effect(Case):
    parameter = "separation_effect"
    step = "effective"
    more: ClassVar[dict[str, str]] = {}

    def record(self, world: World) -> Any:
        values = {"title": "Shorter queue", "owner": world.email("process_manager"), "source_ref": world.service.ref}
        row = world.create("improvement", "relationship_manager", **values)
        row = world.move(row, "analyse", "process_manager", analysis="Too few people.")
        row = world.move(row, "approve", "assistant")
        parameters.change("effect_wait_days", 0)
        return implemented(world, row, "process_manager", value_now="4")

    def act(self, world: World, record: Any, why: str = "") -> Any:
        told = {"effect_conclusion": "Four minutes.", **self.more}
        return world.move(record, self.step, "process_manager", note=why, **told)

    def done(self, record: Any) -> bool:
        return bool(record.judged_by_id)


class NoEffect(Effect):
    step = "ineffective"
    more: ClassVar[dict[str, str]] = {"analysis": "Another cause."}


class Frequency(Case):
    parameter = "separation_frequency"
    field = "frequency_reason"

    def record(self, world: World) -> Any:
        return world.customer

    def act(self, world: World, record: Any, why: str = "") -> Any:
        person = world.email("process_manager")
        values = {"frequency_proposer": person, "frequency_accepter": person, "frequency_reason": why}
        return write.update(record, values, actor=world.actor("process_manager"))

    def done(self, record: Any) -> bool:
        return bool(record.frequency_accepter_id)


@pytest.fixture(params=[Document, Change, Effect, NoEffect, Frequency], ids=lambda one: one.__name__)
def use(request: Any) -> Case:
    return request.param()  # type: ignore[no-any-return]


def test_by_default_one_person_does_not_act_on_both_sides(world: World, use: Case) -> None:
    record = use.record(world)
    with pytest.raises((Refused, ValidationError)):
        use.act(world, record, WHY)
    assert not use.done(type(record).objects.get(pk=record.pk)) and not uses().exists()


def test_declared_it_needs_a_reason_that_stays_on_record(world: World, use: Case, as_: Any) -> None:
    record = use.record(world)
    parameters.change(use.parameter, 0)
    with pytest.raises(ValidationError) as refused:
        use.act(world, record, "  ")
    assert use.field in refused.value.message_dict
    assert not use.done(type(record).objects.get(pk=record.pk)) and not uses().exists()
    record = use.act(world, record, WHY)
    assert use.done(record)
    [line] = uses(use.parameter)
    assert (line.kind, line.record_id, line.rule) == (record.kind.name, record.pk, use.parameter)
    assert WHY in line.words
    page = as_("auditor").get(record.url).content.decode()
    assert "Declared instead of separated" in page and WHY in page
    listed = as_("auditor").get(f"/settings/parameters/{use.parameter}/").content.decode()
    assert record.ref in listed and WHY in listed


def test_two_people_declare_nothing(world: World) -> None:
    parameters.change("separation_document", 0)
    values = {"document": world.definition.document.ref, "body": "New.", "author": world.email("process_manager")}
    version = world.create("document_version", "process_manager", **values, change_reason="Clearer.")
    version = world.move(version, "submit", "process_manager")
    assert world.move(version, "approve", DIRECTOR, effective_on=timezone.localdate()).approver_id
    assert not uses().exists()


def test_the_switch_is_a_parameter_that_another_approves(world: World, as_: Any) -> None:
    path = "/settings/parameters/separation_document/"
    assert as_("process_manager").post(path, {"value": "0", "reason": WHY}).status_code == 303
    assert parameters.number("separation_document") == 1
    assert as_(DIRECTOR).post(f"{path}decide/", {"act": "approve"}).status_code == 303
    assert parameters.number("separation_document") == 0


def test_who_is_alone_approves_a_parameter_with_a_reason(world: World, as_: Any) -> None:
    """A provider of one person could change nothing otherwise; as long as a second may approve, nobody is alone."""
    person, path = world.person("process_manager"), "/settings/parameters/separation_document/"
    Grant.objects.create(person=person, unit=world.root, role=DIRECTOR, starts_on=LONG_AGO)
    client = as_("process_manager")
    client.post(path, {"value": "0", "reason": WHY})
    assert client.post(f"{path}decide/", {"act": "approve", "note": WHY}).status_code == 403
    approving = Grant.objects.filter(role__in=(DIRECTOR, "senior_manager")).exclude(person=person)
    Person.objects.filter(pk__in=approving.values("person")).update(is_active=False)
    assert proposals.alone(Person.objects.get(pk=person.pk))
    assert b'value="approve"' in client.get(path).content
    client.post(f"{path}decide/", {"act": "approve"})
    assert parameters.number("separation_document") == 1
    client.post(f"{path}decide/", {"act": "approve", "note": WHY})
    assert parameters.number("separation_document") == 0
    assert Entry.objects.filter(kind="parameter", act="approve").get().note == WHY
