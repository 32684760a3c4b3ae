"""What to look for in every table when a person is erased, and what takes its place."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from typing import Any

from comity.accounts.models import Person
from comity.parties.models import Contact
from comity.privacy.edges import CJK, bounded
from comity.privacy.models import Erasure
from comity.privacy.places import MARK, NAMES, columns
from comity.records.kind import Kind, kind_named
from comity.records.models import FormerRow

Pairs = list[list[str]]
LEAST = 4  # characters of a name that is looked for in the texts of others; of Chinese ones
LEASTCJK = 2
LEAST_DIGITS = 7  # of a number; fewer are an extension, and stand in days and amounts as well
QUESTION = ("label", "label_zh")  # beside an answer: our own words
PHRASE = 12  # characters of a title that is looked for where it may have been copied


def identifiers(contacts: Collection[Contact], people: Collection[Person], erasure: Erasure) -> Pairs:
    """Names, addresses and numbers that are theirs and nobody else's, as they are and as they were."""
    found = dict[str, str]()
    for word, column in _told(contacts, people):
        word = word.strip()
        if distinct(word, column) and not _shared(word, contacts, people):
            found.setdefault(word, instead(column, erasure))
    return [[word, found[word]] for word in sorted(found, key=len, reverse=True)]


def distinct(word: str, column: str) -> bool:
    """Does it stand for somebody wherever it stands? A single word of Latin letters may mean anything, and be a name
    that tables refer by: some contact is called Case."""
    if column == "phone":
        return sum(letter.isdigit() for letter in word) >= LEAST_DIGITS
    if CJK.search(word):
        return len(word) >= LEASTCJK
    return len(word) >= LEAST and ("@" in word or len(word.split()) > 1)


def _told(contacts: Collection[Contact], people: Collection[Person]) -> Iterable[tuple[str, str]]:
    for one in contacts:
        yield from ((str(getattr(one, name)), name) for name in ("name", "email", "phone", "postal_address"))
    for person in people:
        yield from ((person.name, "name"), (person.email, "email"))
    for table, ids in (("parties_contact", contacts), ("accounts_person", people)):
        rows = FormerRow.objects.filter(table=table, row__in=[one.pk for one in ids])
        for was in rows.values_list("was", flat=True):
            for name in ("name", "email", "phone", "postal_address"):
                if isinstance(was.get(name), str):
                    yield was[name], name


def _shared(word: str, contacts: Collection[Contact], people: Collection[Person]) -> bool:
    """Does somebody else go by it, too?"""
    others = Contact.objects.exclude(pk__in=[one.pk for one in contacts])
    staff = Person.objects.exclude(pk__in=[one.pk for one in people])
    return any(
        rows.filter(**{f"{name}__iexact": word}).exists()
        for rows, names in ((others, ("name", "email", "phone", "postal_address")), (staff, ("name", "email")))
        for name in names
    )


def phrases(found: dict[str, list[int]]) -> Pairs:
    """Titles of their records, which lists and messages copy."""
    held = set[str]()
    for name, column in (("case", "title"), ("communication", "summary")):
        rows = kind_named(name).model._default_manager.filter(pk__in=found.get(name, ()))
        held |= {value for value in rows.values_list(column, flat=True) if len(value) >= PHRASE and value != MARK}
    return [[word, MARK] for word in sorted(held, key=len, reverse=True)]


def instead(column: str, erasure: Erasure) -> str:
    """What takes the place of what such a column held."""
    if column in NAMES:
        return erasure.name
    return f"erased-{erasure.number}@erased.invalid" if column in ("email", "address") else MARK


class Sieve:
    """Takes words out of texts and of values of any depth."""

    def __init__(self, pairs: Pairs) -> None:
        self._of = {word.casefold(): other for word, other in pairs}
        self._wanted = re.compile("|".join(bounded(word) for word, _other in pairs) or r"(?!)", re.IGNORECASE)
        forms = (form for word, _other in pairs for form in (word, word.lower(), word.upper()))
        self.forms = [*dict.fromkeys(part for form in forms for part in (form, json.dumps(form)[1:-1]))]
        """How the words may stand in a table: as they are, and as JSON writes them."""

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._wanted.sub(lambda found: self._of.get(found[0].casefold(), MARK), value)
        if isinstance(value, list):
            return [self(one) for one in value]
        if isinstance(value, dict):
            return {self(name): self(one) for name, one in value.items()}
        return value


def blanked(value: Any, other: str) -> Any:
    """The same with each text in it replaced; what is empty stays so, for that something was said still counts."""
    if isinstance(value, str):
        return other if value.strip() else value
    if isinstance(value, list):
        return [blanked(one, other) for one in value]
    if isinstance(value, dict):
        ours = QUESTION if "answer" in value else ()
        return {name: one if name in ours else blanked(one, other) for name, one in value.items()}
    return value


def replacements(kind: Kind, erasure: Erasure) -> dict[str, str]:
    """For each column of the kind whose words go, what takes their place."""
    return {field.name: instead(field.name, erasure) for field in columns(kind)}
