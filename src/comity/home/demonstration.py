"""The sample organisation of `comity demo`: a service centre that handles complaints about financial services.

The complaints are real (see sample/README.md); the organisation and the people who sign in are made up for the purpose.
Everything is written through the one write path, by the people whose duty it is.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from comity.accounts.models import Grant, Person, Unit
from comity.accounts.roles import Role
from comity.clocks.models import Calendar, fill_holidays
from comity.records import write
from comity.records.kind import kind_named
from comity.records.write import Actor

PASSWORD = "comity-demo-2026"  # noqa: S105 - printed at every start of the sample
SINCE = date(2010, 1, 1)  # the sample's charter and definition cover its oldest complaint
LONG_AGO = datetime(2009, 12, 1, 12, tzinfo=UTC)

PEOPLE = {
    Role.RELATIONSHIP_MANAGER: ("rosa", "Rosa Keller"),
    Role.COMPLAINT_HANDLER: ("hugo", "Hugo Brandt"),
    Role.SERVICE_DESK: ("dana", "Dana Whitfield"),
    Role.SUPPLIER_MANAGER: ("sven", "Sven Aalto"),
    Role.PROJECT_MANAGER: ("paula", "Paula Mendes"),
    Role.PROCESS_MANAGER: ("peng", "Peng Yu"),
    Role.OPERATIONS_DIRECTOR: ("olga", "Olga Marchetti"),
    Role.INTERNAL_ASSESSOR: ("ines", "Ines Duarte"),
    Role.SENIOR_MANAGER: ("sam", "Sam Okafor"),
    Role.ADMINISTRATOR: ("adam", "Adam Lindqvist"),
    Role.AUDITOR: ("aiko", "Aiko Tanaka"),
}
OUTSIDE = {
    Role.CUSTOMER_CONTACT: ("carla@customer.example", "Carla Reyes"),
    Role.SUPPLIER_CONTACT: ("simon@supplier.example", "Simon Achterberg"),
}
CHANNELS = (
    ("Complaints by e-mail", "email", "complaints@harbour.example", "At any time; answered on business days"),
    ("Complaints by phone", "phone", "+1 212 555 0142", "Monday to Friday, 09:00-17:30 in New York"),
    ("Customer portal", "portal", "/portal/", "At any time"),
    ("Letters", "post", "Harbour Service Centre, 1 Pier Street, New York, NY 10004", ""),
)
MORE_HANDLERS = (("hanna", "Hanna Sorel"), ("li", "Li Wei"))

DEFINITION = {
    "complaint": "A complaint is any expression of dissatisfaction with a service, with how it was handled or with a "
    "person's conduct, to which an answer is expected, expressly or not, by whatever channel it reaches us.",
    "service_request": "A service request asks for something that the service normally provides.",
    "suggestion": "A suggestion proposes something better without dissatisfaction. Neither is counted as a complaint; "
    "when in doubt, we treat the message as a complaint.",
}


def address(name: str) -> str:
    return f"{name}@harbour.example"


def sign_ins() -> list[tuple[str, str, str]]:
    """Role, e-mail and password, to be printed; people outside have pages of their own."""
    inside = [(str(role.label), address(login), PASSWORD) for role, (login, _name) in PEOPLE.items()]
    outside = [(f"{role.label} ({settings.OUTSIDE_URL})", email, PASSWORD) for role, (email, _name) in OUTSIDE.items()]
    return inside + outside


class Organisation:
    """The sample organisation; `people` by role, each able to act."""

    def __init__(self) -> None:
        self.people: dict[Role, Person] = {}

    def actor(self, role: Role) -> Actor:
        return Actor(self.people[role], via="web")

    def make(self, kind: str, by: Role, **values: Any) -> Any:
        """A record, registered by the person of that role."""
        return write.create(kind_named(kind), values, actor=self.actor(by))

    def email(self, role: Role) -> str:
        return self.people[role].email

    @transaction.atomic
    def found(self) -> None:
        """Units, people, calendars, duties, charter and complaint definition."""
        self._people()
        self._calendars()
        self._duties()
        self._channels()
        self._charter()
        self._definition()
        self._knowledge()

    def _people(self) -> None:
        root = Unit(name="Harbour Service Centre")
        root.save()
        for name in ("Service desk", "Complaints office", "Relationship office"):
            Unit(name=name, parent=root).save()
        for role, (login, name) in PEOPLE.items():
            language = "zh-hans" if login == "peng" else "en"
            person = Person.objects.create_user(address(login), PASSWORD, name=name, language=language)
            Grant.objects.create(person=person, unit=root, role=role)
            self.people[role] = person
        for role, (email, name) in OUTSIDE.items():
            self.people[role] = Person.objects.create_user(email, PASSWORD, name=name)
            Grant.objects.create(person=self.people[role], unit=root, role=role)
        for login, name in MORE_HANDLERS:
            person = Person.objects.create_user(address(login), PASSWORD, name=name)
            Grant.objects.create(person=person, unit=root, role=Role.COMPLAINT_HANDLER)

    def _calendars(self) -> None:
        year = timezone.localdate().year
        hours = {day: [["09:00", "12:30"], ["13:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
        for name, zone, country, default in (
            ("New York office", "America/New_York", "US", True),
            ("Shanghai office", "Asia/Shanghai", "CN", False),
        ):
            calendar = Calendar.objects.create(name=name, zone=zone, hours=hours, country=country, is_default=default)
            fill_holidays(calendar, range(year - 1, year + 2))

    def _duties(self) -> None:
        held = {
            "complaint_owner": Role.PROJECT_MANAGER,
            "process_manager": Role.PROCESS_MANAGER,
            "operations_director": Role.OPERATIONS_DIRECTOR,
            "change_authority": Role.OPERATIONS_DIRECTOR,
            "relationship_manager": Role.RELATIONSHIP_MANAGER,
        }
        for duty, role in held.items():
            person = self.people[role]
            row = write.create(
                kind_named("responsibility"),
                {"role": duty, "person": person.email, "starts_on": SINCE},
                actor=self.actor(Role.PROCESS_MANAGER),
            )
            row = write.transition(row, "approve", actor=self.actor(Role.SENIOR_MANAGER), happened_at=LONG_AGO)
            write.transition(row, "accept", actor=Actor(person), happened_at=LONG_AGO)

    def _channels(self) -> None:
        """The ways to reach us, published, and a supplier whom we reach."""
        by = self.actor(Role.PROCESS_MANAGER)
        for name, kind, reached, hours in CHANNELS:
            values = {"name": name, "type": kind, "address": reached, "hours": hours, "published_at": SINCE}
            write.create(kind_named("channel"), values, actor=by)
        email, name = OUTSIDE[Role.SUPPLIER_CONTACT]
        supplier = self.make(
            "supplier", Role.SUPPLIER_MANAGER, name="Pier Card Network", tier="tactical", category="network",
            owner=self.email(Role.SUPPLIER_MANAGER), key=True,
        )  # fmt: skip
        values = {"name": name, "type": "supplier", "supplier": supplier.ref, "email": email, "person": email}
        write.create(kind_named("contact"), values, actor=by)

    def _charter(self) -> None:
        by = self.actor(Role.RELATIONSHIP_MANAGER)
        charter = write.create(kind_named("agreement"), {"title": "Service charter", "type": "charter"}, actor=by)
        version = write.create(
            kind_named("agreement_version"),
            {
                "agreement": charter.ref,
                "effective_on": SINCE,
                "author": by.person.email,
                "change_reason": "First issue.",
            },
            actor=by,
        )
        version = write.transition(version, "negotiate", actor=by, happened_at=LONG_AGO)
        write.transition(version, "agree", {}, actor=self.actor(Role.OPERATIONS_DIRECTOR), happened_at=LONG_AGO)

    def _definition(self) -> None:
        by = self.actor(Role.PROCESS_MANAGER)
        sections: dict[str, Any] = {tag: {"text": text, "fields": {}} for tag, text in DEFINITION.items()}
        sections["complaint"]["fields"] = {"service_dissatisfaction_only": "no, conduct and handling count as well"}
        document = write.create(
            kind_named("document"),
            {"title": "What we call a complaint", "type": "complaint_definition", "classification": "public"},
            actor=by,
        )
        version = write.create(
            kind_named("document_version"),
            {"document": document.ref, "sections": sections, "author": by.person.email, "effective_on": SINCE,
             "change_reason": "First issue."},
            actor=by,
        )  # fmt: skip
        version = write.transition(version, "submit", {}, actor=by, happened_at=LONG_AGO)
        write.transition(version, "approve", {}, actor=self.actor(Role.OPERATIONS_DIRECTOR), happened_at=LONG_AGO)

    def _knowledge(self) -> None:
        """Articles in both languages, for everybody and for the desk, each published by somebody else."""
        with (Path(__file__).parent / "sample" / "knowledge.toml").open("rb") as file:
            articles = tomllib.load(file)["article"]
        review_on = timezone.localdate() + timedelta(days=180)
        for values in articles:
            made = write.create(kind_named("knowledge_article"), values, actor=self.actor(Role.COMPLAINT_HANDLER))
            made = write.transition(made, "submit", actor=self.actor(Role.COMPLAINT_HANDLER))
            write.transition(made, "publish", {"review_on": review_on}, actor=self.actor(Role.PROCESS_MANAGER))

    def agreement_with(self, customer: Any, service: Any, contact: Any) -> Any:
        """An agreement of the customer with shorter limits than the charter, in its second version."""
        by = self.actor(Role.RELATIONSHIP_MANAGER)
        head = write.create(
            kind_named("agreement"),
            {"title": f"Service level agreement with {customer}"[:200], "type": "sla", "customers": [customer.ref]},
            actor=by,
        )
        version = None
        for effective, hours in ((SINCE, 8.0), (date(timezone.localdate().year - 1, 1, 1), 4.0)):
            version = write.create(
                kind_named("agreement_version"),
                {"agreement": head.ref, "services": [service.ref] if service else [], "effective_on": effective,
                 "author": by.person.email, "change_reason": "Agreed in the yearly review."},
                actor=by,
            )  # fmt: skip
            for metric, value, unit in (("acknowledge", hours, "bh"), ("answer", 2.0, "bd"), ("resolve", 8.0, "bd")):
                write.create(
                    kind_named("target"),
                    {"agreement_version": version.ref, "metric": metric, "severity": "normal", "value": value,
                     "unit_of_value": unit},
                    actor=by,
                )  # fmt: skip
            version = write.transition(version, "negotiate", actor=by, happened_at=LONG_AGO)
            signed = {"signed_on": LONG_AGO.date(), "signed_for_us": self.people[Role.OPERATIONS_DIRECTOR].email}
            version = write.transition(
                version, "agree", {**signed, "signed_by": contact.ref},
                actor=self.actor(Role.OPERATIONS_DIRECTOR), happened_at=LONG_AGO,
            )  # fmt: skip
        return version
