"""Rights: what is held, where, when, and under which group."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comity.accounts.models import Grant, Person, Unit
from comity.accounts.rights import rights_of
from comity.accounts.roles import Role

from .conftest import Make

HANDLER, MANAGER, ADMIN = Role.COMPLAINT_HANDLER, Role.RELATIONSHIP_MANAGER, Role.ADMINISTRATOR


def fresh(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_paths_follow_the_tree(root: Unit, branch: Unit) -> None:
    team = Unit.objects.create(name="Team", parent=branch)
    south = Unit.objects.create(name="South", parent=root)
    assert team.path == f"{root.pk}/{branch.pk}/{team.pk}/"
    branch.parent = south
    branch.save()
    team.refresh_from_db()
    assert team.path == f"{root.pk}/{south.pk}/{branch.pk}/{team.pk}/"
    assert south.path == f"{root.pk}/{south.pk}/"


def test_rights_cost_one_query_and_then_none(make: Make, branch: Unit) -> None:
    person = make("ann", HANDLER, MANAGER, unit=branch)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        rights = rights_of(person)
        assert rights_of(person) is rights
        rights.units({HANDLER})
        rights.scope("case_handle", "edit")
    assert len(queries) == 1


def test_a_role_at_the_root_is_held_everywhere(make: Make, branch: Unit) -> None:
    assert rights_of(make("ann", HANDLER)).units({HANDLER}) is None


def test_a_role_in_a_branch_covers_its_subtree_only(make: Make, root: Unit, branch: Unit) -> None:
    team = Unit.objects.create(name="Team", parent=branch)
    Unit.objects.create(name="South", parent=root)
    rights = rights_of(make("ann", HANDLER, unit=branch))
    assert rights.units({HANDLER}) == {branch.pk, team.pk}
    assert rights.units({MANAGER}) == frozenset()


def test_the_widest_of_several_grants_counts(make: Make, root: Unit, branch: Unit) -> None:
    person = make("ann", HANDLER, unit=branch)
    Grant.objects.create(person=person, unit=root, role=MANAGER, starts_on=date(2020, 1, 1))
    rights = rights_of(person)
    assert rights.units({HANDLER, MANAGER}) is None
    assert rights.units({HANDLER}) == {branch.pk}


def test_one_root_of_two_is_not_everywhere(make: Make, root: Unit, branch: Unit) -> None:
    Unit.objects.create(name="Other company")
    assert rights_of(make("ann", HANDLER)).units({HANDLER}) == {root.pk, branch.pk}


def test_ids_that_begin_alike_are_not_confused(make: Make, db: None) -> None:
    one, twelve = (Unit.objects.create(pk=pk, name=str(pk)) for pk in (1001, 10010))
    assert rights_of(make("ann", HANDLER, unit=one)).units({HANDLER}) == {one.pk}
    assert twelve.path.startswith(one.path.rstrip("/"))


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(0, None, True), (1, None, False), (-5, 0, False), (-5, 1, True), (0, 0, False)],
)
def test_a_grant_counts_from_its_first_day_until_the_day_it_ends(
    make: Make, root: Unit, starts: int, ends: int | None, holds: bool
) -> None:
    person, today = make("ann"), timezone.localdate()
    ends_on = None if ends is None else today + timedelta(ends)
    Grant.objects.create(person=person, unit=root, role=HANDLER, starts_on=today + timedelta(starts), ends_on=ends_on)
    assert (HANDLER in rights_of(person).roles) is holds


def test_a_grant_ends_while_the_person_stays(make: Make) -> None:
    person = make("ann", HANDLER)
    person.grants.update(ends_on=date(2030, 6, 1))
    with time_machine.travel("2030-05-31T12:00Z"):
        assert rights_of(fresh(person)).roles == {HANDLER}
    with time_machine.travel("2030-06-01T12:00Z"):
        assert rights_of(fresh(person)).roles == frozenset()


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"ends_on": date(2021, 1, 1)}, {"starts_on": date(2999, 1, 1)}]
)
def test_somebody_not_current_has_no_rights(make: Make, fields: dict[str, object]) -> None:
    rights = rights_of(make("ann", HANDLER, ADMIN, **fields))
    assert rights.roles == frozenset()
    assert rights.scope("case_handle", "read") == ""


def test_nobody_acts_as_administrator_and_something_else(make: Make) -> None:
    """Rule 10 of the separation of duties."""
    person = make("ann", ADMIN, HANDLER, MANAGER)
    assert rights_of(person).roles == {HANDLER, MANAGER}
    assert rights_of(person).must_choose
    person.acting_group = ADMIN
    person.save()
    assert rights_of(fresh(person)).roles == {ADMIN}
    assert rights_of(fresh(person)).scope("case_handle", "edit") == ""


def test_whoever_is_only_administrator_need_not_choose(make: Make) -> None:
    person = make("ann", ADMIN)
    assert rights_of(person).roles == {ADMIN}
    assert not rights_of(person).must_choose


def test_the_widest_cell_counts(make: Make) -> None:
    rights = rights_of(make("ann", HANDLER, Role.PROCESS_MANAGER))
    assert rights.scope("case_handle", "edit") == "own"
    assert rights.scope("case_handle", "read") == "all"
    assert rights.may("case_handle", "edit") == {HANDLER}
    assert rights.may("case_handle", "read") == {HANDLER, Role.PROCESS_MANAGER}
    assert rights.may("definition", "approve") == frozenset()
    assert rights.scope("waiver", "create") == ""
