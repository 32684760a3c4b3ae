"""The data that is measured: one organisation, its customers, and cases over two years, the same in every run.

    python -m bench.world --customers 1000 --cases 100000      # on the installation that the environment names

Everything goes through the bulk form of the write path, as an import does, and each case brings its past along. Of the
cases 20 % are open, 10 % in progress, 20 % resolved and 50 % closed; a title has 6 words, a body 60, and 1 % of the
bodies hold a marker word. The worker then makes the search words and seals the trail.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import server, sql

MARKER, RARE = "heliotrope", "zymurgy"  # in 1 % of the bodies; in ten of them
MONTHS_24 = timedelta(days=730)
NEVER = datetime(2999, 1, 1, tzinfo=UTC)
BATCH = 1000
STATES = ("acknowledged", "acting", "resolved", "closed")
SHARES = (20, 10, 20, 50)
STEPS = {
    "acknowledged": ("acknowledged",),
    "acting": ("acknowledged", "assessed", "acting"),
    "resolved": ("acknowledged", "assessed", "resolved"),
    "closed": ("acknowledged", "assessed", "resolved", "closed"),
}
REMEDY = "An apology and a corrected bill."


@dataclass
class World:
    """What a client needs to know of the data: how to sign in, what to send, and how the making went."""

    email: str
    password: str
    token: str
    customers: list[tuple[str, str]] = field(default_factory=list)  # reference of the customer, and of its contact
    services: list[str] = field(default_factory=list)
    cases: int = 0
    rows_per_second: float = 0.0

    def case_with_key(self, key: str) -> dict[str, Any]:
        """A new case, as the API takes it; `key` becomes its title."""
        dice = random.Random(key)
        customer, contact = dice.choice(self.customers)
        return {
            "title": key,
            "description": " ".join(dice.choices(VOCABULARY, k=60)),
            "customer": customer,
            "contact": contact,
            "service": dice.choice(self.services),
            "channel": "phone",
            "wanted_remedy": REMEDY,
        }


def vocabulary() -> list[str]:
    """Two thousand words that are easy to say and mean nothing."""
    dice = random.Random(2)
    parts = [c + v for c in "bdfglmnprstv" for v in "aeiou"]
    return sorted({"".join(dice.choices(parts, k=dice.randint(2, 4))) for _ in range(2_600)})[:2_000]


VOCABULARY = vocabulary()


def make(data: Path, url: str, customers: int, cases: int) -> World:
    """Prepare an installation on this folder and database, and fill it."""
    server.comity(data, "migrate", "--verbosity", "0", url=url)
    server.comity(data, "createcachetable", url=url)
    return filled(data, url, customers, cases)


def filled(data: Path, url: str, customers: int, cases: int) -> World:
    """Fill a prepared, empty installation, in a process of its own."""
    words = [sys.executable, "-m", "bench.world", "--customers", str(customers), "--cases", str(cases)]
    done = subprocess.run(words, env=server.environment(data, url), cwd=server.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    if cases:
        server.comity(data, "worker", "--drain", url=url)
        sql.settle(data, url)
    return World(**json.loads(done.stdout))


def multiply(data: Path, url: str, made: World, times: int) -> World:
    """The same cases again, so many times, with their trail and their search words, by SQL alone.

    For sizes that would take the write path half an hour. The copies are not sealed; nothing that is measured looks.
    """
    sql.multiply(data, url, made.cases, times, RARE)
    sql.settle(data, url)
    return replace(made, cases=made.cases * times)


def lost(data: Path, url: str, acknowledged: dict[str, str]) -> list[str]:
    """What contradicts the promise: an acknowledged case that is lost, doubled or renumbered, a hole in the numbers."""
    rows = sql.rows(data, url, "SELECT ref, title FROM cases_case")
    refs: dict[str, list[str]] = {}
    for ref, title in rows:
        refs.setdefault(title, []).append(ref)
    problems = [
        f"{key}: acknowledged as {ref}, found {refs.get(key, [])}"
        for key, ref in acknowledged.items()
        if refs.get(key) != [ref]
    ]
    problems += [f"{key}: {found}" for key, found in refs.items() if len(found) > 1 and key not in acknowledged]
    numbers = sorted(int(re.sub(r"\D", "", ref)) for ref, _title in rows)
    if numbers != list(range(1, len(numbers) + 1)):
        problems.append(f"{len(numbers)} numbers from {numbers[0]} to {numbers[-1]}")
    created = sql.rows(data, url, "SELECT ref FROM records_entry WHERE kind = 'case' AND act = 'create'")
    if sorted(ref for (ref,) in created) != sorted(ref for ref, _title in rows):
        problems.append(f"{len(rows)} cases, {len(created)} lines about their registration")
    return problems


def fill(customers: int, cases: int) -> World:
    """Fill the prepared, empty installation of this process."""
    from comity.accounts.operations import issue_token
    from comity.accounts.roles import Role
    from comity.home.demonstration import PASSWORD, Organisation
    from comity.records import write
    from comity.records.bulk import Bulk, create_many
    from comity.records.kind import kind_named
    from comity.records.write import Actor

    organisation = Organisation()
    organisation.found()
    manager = Actor(organisation.people[Role.RELATIONSHIP_MANAGER], via="import")
    handler = organisation.people[Role.COMPLAINT_HANDLER]
    _token, secret = issue_token(handler, "bench", ["read", "write"], 3650)
    world = World(handler.email, PASSWORD, secret, cases=cases)

    names = [{"name": f"{VOCABULARY[n % 2000].title()} {n:04d}"} for n in range(customers)]
    made = [row.ref for _index, row in create_many(kind_named("customer"), names, actor=manager).created]
    people = [{"name": f"Contact of {ref}", "customer": ref, "email": f"{ref}@bench.example"} for ref in made]
    contacts = [row.ref for _index, row in create_many(kind_named("contact"), people, actor=manager).created]
    world.customers = list(zip(made, contacts, strict=True))
    for n in range(10):
        world.services.append(write.create(kind_named("service"), {"name": f"Service {n}"}, actor=manager).ref)

    bulk, rows = Bulk(kind_named("case"), actor=Actor(handler, via="import")), enumerate(incoming(world, cases))
    began, written = time.monotonic(), 0
    while chunk := [row for _n, row in zip(range(BATCH), rows, strict=False)]:
        result = bulk.write(chunk)
        if result.errors:
            raise RuntimeError(str(result.errors[0]))
        written += len(result.created)
    world.rows_per_second = written / (time.monotonic() - began)
    return world


def incoming(world: World, cases: int) -> Iterator[Any]:
    """The cases with what has happened to them since, the oldest first."""
    from comity.home.demonstration import MORE_HANDLERS, address
    from comity.records.bulk import Happened, Incoming

    dice = random.Random(1)
    handlers = [world.email, *(address(name) for name, _full in MORE_HANDLERS)]
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    rare = set(random.Random(3).sample(range(cases), min(10, cases)))
    for number in range(cases):
        received = end - MONTHS_24 + number * MONTHS_24 / cases
        body = dice.choices(VOCABULARY, k=60)
        if dice.random() < 0.01:
            body[30] = MARKER
        if number in rare:
            body[20] = RARE
        customer, contact = dice.choice(world.customers)
        state = dice.choices(STATES, SHARES)[0]
        values = {
            "title": " ".join(dice.choices(VOCABULARY, k=6)),
            "description": " ".join(body),
            "customer": customer,
            "contact": contact,
            "service": dice.choice(world.services),
            "channel": dice.choice(("phone", "email", "letter")),
            "severity": dice.choice(("minor", "normal", "normal", "major")),
            "handler": dice.choice(handlers),
            "received_at": received,
            "wanted_remedy": REMEDY,
        }
        past = [
            Happened(
                received + timedelta(hours=5 * (n + 1)),
                {
                    "status": step,
                    **({f"{step}_at": received + timedelta(hours=5 * (n + 1))} if step != "acting" else {}),
                },
            )
            for n, step in enumerate(STEPS[state])
        ]
        # Two years of open cases are all late at once; the rules must not start with all of them while we measure.
        past.append(Happened(past[-1].at, {"rules_wait_until": NEVER}))
        yield Incoming(values, received, past)


def main() -> None:
    import os

    import django

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--customers", type=int, default=1000)
    options.add_argument("--cases", type=int, required=True)
    asked = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
    django.setup()
    print(json.dumps(asdict(fill(asked.customers, asked.cases))))


if __name__ == "__main__":
    main()
