"""Contacts at the portal: of the customer, of its child, of the organisation above, of somebody else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from comity.accounts.models import Grant, Person
from comity.accounts.roles import Role
from comity.cases.models import Case
from tests.cases.conftest import FOUND, RATED, RESULT, Desk, desk, world
from tests.worlds import LONG_AGO

__all__ = ["desk", "world"]

CLOSING = {**FOUND, **RESULT, "no_action_reason": "It was a single night."}


@pytest.fixture(autouse=True)
def untouched(db: None) -> Any:
    cache.clear()
    yield
    translation.activate("en")


@dataclass
class Portal:
    """People outside with their browsers, and a desk that works on what they say."""

    desk: Desk

    def person(self, name: str, customer: Any, **contact: Any) -> Person:
        """A contact of a customer who signs in."""
        world = self.desk.world
        made = Person.objects.create_user(f"{name}@out.example", name=name.title(), starts_on=LONG_AGO)
        Grant.objects.create(person=made, unit=world.root, role=Role.CUSTOMER_CONTACT, starts_on=LONG_AGO)
        world.create("contact", "relationship_manager", name=name.title(), customer=customer.ref, person=made.email,
                     email=made.email, **contact)  # fmt: skip
        return made

    def visit(self, person: Person | str = "customer_contact") -> Client:
        client = Client()
        who = self.desk.world.person(person) if isinstance(person, str) else person
        client.force_login(Person.objects.get(pk=who.pk), backend="comity.accounts.sign_in.CurrentPeople")
        return client

    def act(self, case: Case, name: str, note: str = "", by: Client | None = None, **more: Any) -> int:
        answer = (by or self.visit()).post(f"/portal/cases/{case.ref}/{name}/", {"note": note, **more})
        case.refresh_from_db()
        return int(answer.status_code)

    def raised(self, by: Client | None = None, wait: float = 10, stamp: str = "", **changed: Any) -> Any:
        """What answers when a new case is told."""
        client = by or self.visit()
        page = client.get("/portal/cases/new/").content.decode()
        stamp = stamp or re.search('name="stamp" value="([^"]+)"', page)[1]  # type: ignore[index]
        customer = re.search('name="customer" value="([^"]+)"', page)
        self.desk.later(hours=wait / 3600)
        said = {
            "classification": "complaint", "description": "It is slow.", "service": self.desk.world.service.ref,
            "tell": "main", "channel": "email", "customer": customer[1] if customer else "", "stamp": stamp, **changed,
        }  # fmt: skip
        return client.post("/portal/cases/new/", said)

    def at(self, status: str, **changed: Any) -> Case:
        """A case of the customer in this state."""
        desk, handler = self.desk, self.desk.world.email("complaint_handler")
        if status == "awaiting_customer":
            return desk.move(self.at("investigating", **changed), "ask_customer", text="Which night?")  # type: ignore[no-any-return]
        case = desk.register("customer_contact", channel="portal", **changed)
        path = ("received", "acknowledged", "assessed", "investigating", "resolved", "closed")
        steps: tuple[Any, ...] = (
            ("acknowledge", {}), ("assess", {**RATED, "handler": handler}), ("investigate", {"investigator": handler}),
            ("resolve_without_action", CLOSING), ("confirm", {}),
        )  # fmt: skip
        for (name, values), state in zip(steps, path, strict=False):
            if state == status:
                break
            by = {"acknowledge": "service_desk", "confirm": "customer_contact"}.get(name, "complaint_handler")
            case = desk.move(case, name, by, **values)
        assert case.status == status
        return Case.objects.get(pk=case.pk)


@pytest.fixture
def portal(desk: Desk) -> Portal:
    return Portal(desk)
