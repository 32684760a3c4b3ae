"""Somebody of a customer who wrote, signed in, claimed and signed, and asks to be erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from comity.accounts.models import Grant, Person
from comity.accounts.roles import Role
from comity.communications.models import Communication
from comity.privacy import erasing
from comity.privacy.models import DataSubjectRequest, Erasure
from comity.records import seal, write
from tests.cases.conftest import desk
from tests.intake.mail.conftest import Post
from tests.worlds import LONG_AGO, World, days_ago, world

__all__ = ["desk", "world"]

NAME, ADDRESS, PHONE, HOME = "Zara Quillfeather", "zara@quill.example", "+44 20 7946 0991", "7 Plume Lane, Fethering"
OLD = "zara.before@quill.example"
MARKER = "turquoise hippopotamus"  # what only this person says
NEEDLES = (NAME, ADDRESS, PHONE, HOME, OLD, MARKER, "hippopotamus", "Zara")


@dataclass
class Stage:
    """The world with one person in many places of it."""

    world: World
    desk: Any
    contacts: list[Any] = field(default_factory=list)
    person: Any = None
    case: Any = None
    mailed: Any = None

    def request(self, contact: Any = None, granted: bool = True) -> DataSubjectRequest:
        values = {"contact": (contact or self.contacts[0]).ref, "type": "deletion"}
        one = self.world.create(
            "data_subject_request", "relationship_manager", **values, description=f"Erase me, {NAME}."
        )
        if granted:
            one = self.world.move(one, "identify", "process_manager", identified_by="Called back.")
            one = self.world.move(one, "grant", "process_manager")
        return one  # type: ignore[no-any-return]

    def told(self) -> list[Communication]:
        """What went out about requests."""
        return list(Communication.objects.filter(subject_kind="data_subject_request", direction="outbound"))

    def erase(self, one: DataSubjectRequest, **options: Any) -> Erasure:
        made = erasing.begin(one, self.world.actor("process_manager"), one.ref, **options)
        erasing.run(made.pk)
        seal_all()
        return Erasure.objects.get(pk=made.pk)


def seal_all() -> None:
    while seal.drain():
        pass


@pytest.fixture
def stage(desk: Any, settings: Any, tmp_path: Path) -> Iterator[Stage]:
    """Two contacts of one person, a case by hand and one by mail, a claim, a file, a note and a signature."""
    settings.MEDIA_ROOT = tmp_path
    world: World = desk.world
    made = Stage(world, desk)
    made.person = Person.objects.create_user(ADDRESS, name=NAME, starts_on=LONG_AGO)
    Grant.objects.create(person=made.person, unit=world.root, role=Role.CUSTOMER_CONTACT, starts_on=LONG_AGO)
    rm, both = "relationship_manager", {"name": NAME, "person": ADDRESS, "phone": PHONE, "postal_address": HOME}
    first = world.create("contact", rm, customer=world.customer.ref, email=OLD, **both)
    first = write.update(first, {"email": ADDRESS}, actor=world.actor(rm))
    second = world.create("contact", rm, customer=world.child.ref, email=ADDRESS, **both)
    made.contacts = [first, second]
    made.case = desk.register(
        contact=first.ref, description=f"The {MARKER} is broken.", title=f"About the {MARKER}", wanted_remedy="Mend it."
    )
    write.post(made.case, f"{NAME} rang about the {MARKER}.", actor=world.actor("service_desk"))
    write.attach(made.case, SimpleUploadedFile(f"{MARKER}.txt", MARKER.encode()), actor=world.actor("service_desk"))
    write.post(world.customer, f"Ask {NAME.upper()} ({PHONE}) first; not the Quillfeathers.", actor=world.actor(rm))
    post = Post(world)
    taken = post.send(f"My {MARKER} is late.", **{"from": f"{NAME} <{ADDRESS}>", "subject": f"Late {MARKER} delivery"})
    made.mailed = post.case(taken)
    world.create("claim", "complaint_handler", target=world.second.targets.first().ref, customer=world.customer.ref,
                 contact=first.ref, happened_on=f"{days_ago(2)}", description=f"No {MARKER} came.")  # fmt: skip
    world.create("communication", rm, direction="outbound", contact=first.ref, summary=f"Dear {NAME}", body=MARKER)
    seal_all()
    yield made


def traces(*needles: str) -> list[str]:
    """Every column of every table, and every file, in which one of these words stands."""
    found, words = list[str](), [word.lower() for word in needles]
    escaped = [word.encode("unicode_escape").decode() for word in words]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    text = (
                        bytes(value).decode(errors="replace") if isinstance(value, (bytes, memoryview)) else str(value)
                    )
                    found += [f"{table}.{name}: {word}" for word in {*words, *escaped} if word in text.lower()]
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file():
            text = path.name + path.read_bytes().decode(errors="replace")
            found += [f"{path.name}: {word}" for word in words if word in text.lower()]
    return found
