"""A year of work drawn by lot: the records and their verdicts, asked for again as of a day, are those of that day."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from comity.cases.models import Case
from comity.clocks import parameters
from comity.compliance.inquiry import Inquiry
from comity.compliance.operations.computing import answers
from comity.records import past, write
from comity.records.models import File, Link
from tests.cases.conftest import Desk, desk
from tests.worlds import world

__all__ = ["desk", "world"]

Rows = dict[str, list[tuple[Any, ...]]]
REFUSALS = (write.Refused, write.NotAllowed, write.NotReadable, ValidationError, AssertionError)


def rows() -> Rows:
    """All evidence, column by column."""
    found: Rows = {}
    for model in (*past.evidence(), File):
        names = [field.attname for field in model._meta.local_concrete_fields]
        shown = [name for name in names if name not in past.SECRET.get(model._meta.db_table, ())]
        found[model._meta.db_table] = list(model._base_manager.order_by("pk").values_list(*shown))
    return found


def verdicts() -> dict[str, Any]:
    return {one.requirement: one.says() for one in answers(Inquiry(timezone.now()))}


class Year:
    """Acts of a desk, one after the other, each some days later."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.world, self.lot = desk, desk.world, random.Random(seed)

    def cases(self) -> list[Case]:
        return list(Case.objects.order_by("pk"))

    def register(self) -> None:
        self.desk.register(description=f"The line was down, day {timezone.localdate()}.")

    def step(self) -> None:
        self.desk.step(self.lot.choice(self.cases()))

    def revise(self) -> None:
        wanted = self.lot.choice(["A credit.", "An apology.", "A new line."])
        write.update(self.lot.choice(self.cases()), {"wanted_remedy": wanted}, actor=self.world.actor("service_desk"))

    def tie(self) -> None:
        one, other = self.lot.sample(self.cases(), 2)
        write.link(one, "relates_to", other, actor=self.world.actor("complaint_handler"))

    def untie(self) -> None:
        tie = Link.objects.order_by("?").first()
        if tie and tie.from_kind == "case":
            write.unlink(tie, Case.objects.get(pk=tie.from_id), actor=self.world.actor("complaint_handler"))

    def regroup(self) -> None:
        roles = self.lot.sample(["approver", "complainant", "requester"], self.lot.randint(1, 3))
        write.update(self.world.contact, {"roles": roles}, actor=self.world.actor("relationship_manager"))

    def attach(self) -> None:
        upload = SimpleUploadedFile(f"photo-{self.lot.randint(1, 99)}.txt", b"As it looked.")
        write.attach(self.lot.choice(self.cases()), upload, actor=self.world.actor("complaint_handler"))

    def measure(self) -> None:
        parameters.change("complaint_ack_hours", self.lot.choice([8, 24, 48]))

    def leave(self) -> None:
        someone = self.world.person(self.lot.choice(["deputy", "assistant", "northerner"]))
        someone.ends_on = self.lot.choice([None, date(2100, 1, 1), timezone.localdate()])
        someone.save()

    def look(self) -> None:
        self.desk.sweep()

    def act(self) -> None:
        """Two in three acts concern cases; what is refused leaves nothing behind."""
        some = [
            self.register,
            self.step,
            self.step,
            self.step,
            self.revise,
            self.tie,
            self.untie,
            self.regroup,
            self.attach,
        ]
        try:
            self.lot.choice([*some, self.measure, self.leave, self.look])()
        except REFUSALS:
            pass

    def wait(self) -> None:
        self.desk.later(days=self.lot.randint(1, 8), hours=self.lot.randint(0, 23))
        if connection.vendor == "postgresql":  # its clock is moved too
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL comity.now = '{timezone.now().isoformat()}'")


@pytest.mark.slow
def test_a_day_of_the_past_is_as_it_was(desk: Desk) -> None:
    year, known = Year(desk, 3), []
    year.wait()
    for _first in range(4):
        year.register()
    for round_ in range(80):
        year.wait()
        year.act()
        if round_ % 20 == 10:
            known.append((timezone.now(), rows(), verdicts()))
    year.wait()
    present = rows()
    assert len({str(seen) for _at, _rows, seen in known}) > 1, "nothing happened"
    for moment, then, seen in known:
        assert then != present
        with past.as_it_was(moment):
            assert rows() == then
            again = {one.requirement: one.says() for one in answers(Inquiry(moment))}
        assert again == seen
    assert rows() == present


def test_between_two_acts_nothing_is_known_of_the_second(desk: Desk) -> None:
    case = desk.register()
    before = timezone.now()
    desk.later(hours=1)
    Year(desk, 1).wait()
    desk.step(case)
    with past.as_it_was(before + timedelta(minutes=1)):
        assert Case.objects.get(pk=case.pk).status == "received"
    assert Case.objects.get(pk=case.pk).status == "acknowledged"
