"""How many messages a second are taken in: `python -m bench.mail --engine both`.

A thousand mixed messages from a thousand known contacts and some strangers: questions and complaints, replies into
threads, HTML, Chinese charsets, enclosures, automatic answers, the same message twice. Each is one durable transaction
with its ledger row, communication, case or post, trail, acknowledgement and files, through `take` as a mailbox does.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from email.message import EmailMessage

from bench import cache, server
from bench.world import VOCABULARY

MESSAGES, CUSTOMERS_CASES = 1000, 10_000
DESK = "help@provider.example"


@dataclass(frozen=True)
class Intake:
    """What came of it: messages a second of the clock and of the processor, and what they became."""

    rate: float
    processor: float
    slowest: float
    states: dict[str, int]


def letters(senders: list[str], count: int) -> list[bytes]:
    """The same in every run."""
    dice, made, first = random.Random(7), [], ""
    for number in range(count):
        letter = EmailMessage()
        sender = dice.choice(senders) if dice.random() < 0.85 else f"stranger{number}@elsewhere.example"
        text = " ".join(dice.choices(VOCABULARY, k=120))
        letter["From"], letter["To"] = f"Writer <{sender}>", DESK
        letter["Subject"], letter["Message-ID"] = " ".join(dice.choices(VOCABULARY, k=6)), f"<{number}@{sender}>"
        sort = dice.random()
        if sort < 0.25 and first:
            letter["In-Reply-To"] = first
            letter.set_content(f"{text}\n\nOn Tue, 3 Mar 2026, Desk <{DESK}> wrote:\n> " + text)
        elif sort < 0.40:
            letter.set_content(f"<html><body><p>{text}</p><img src='x'></body></html>", subtype="html")
        elif sort < 0.50:
            letter.set_content("网络连接不通，我们非常不满，请尽快处理。" * 8, charset="gb18030")
        elif sort < 0.60:
            letter["Auto-Submitted"] = "auto-replied"
            letter.set_content("Away.")
        else:
            letter.set_content(text)
        if dice.random() < 0.15:
            letter.add_attachment(dice.randbytes(30_000), maintype="application", subtype="pdf", filename="a.pdf")
        if number % 20 == 0 and "In-Reply-To" not in letter and "Auto-Submitted" not in letter:
            first = str(letter["Message-ID"])
        made.append(bytes(letter))
        if dice.random() < 0.02:
            made.append(bytes(letter))
    return made[:count]


def measure(count: int) -> Intake:
    """Take them in, in the installation of this process."""
    import django

    django.setup()
    from comity.intake.mail.taking import take
    from comity.parties.models import Contact

    senders = list(Contact.objects.exclude(email="").order_by("pk").values_list("email", flat=True)[:1000])
    raws, states, slowest = letters(senders, count), Counter[str](), 0.0
    for raw in letters(["warm@up.example"], 5):
        take(raw.replace(b"@warm", b"@warmer"), mailbox="warm")
    began, processor = time.perf_counter(), time.process_time()
    for raw in raws:
        start = time.perf_counter()
        taken = take(raw, mailbox="bench")
        slowest = max(slowest, time.perf_counter() - start)
        states[f"{taken.state} before" if taken.again else taken.state] += 1
    seconds = time.perf_counter() - began
    return Intake(count / seconds, count / (time.process_time() - processor), slowest, dict(states))


def intake(engine: str, count: int = MESSAGES) -> Intake:
    """Mail intake on a copy of the data set of ten thousand cases, in a process of its own."""
    with cache.cluster(engine) as cluster, cache.copy_of(CUSTOMERS_CASES, cluster, print) as (data, url, _made):
        words = [sys.executable, "-m", "bench.mail", "--inside", "--messages", str(count)]
        done = subprocess.run(words, env=server.environment(data, url), cwd=server.ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return Intake(**json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.mail", description=__doc__)
    options.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    options.add_argument("--messages", type=int, default=MESSAGES)
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.inside:
        print(json.dumps(asdict(measure(asked.messages))))
        return
    for engine in ("sqlite", "postgresql") if asked.engine == "both" else (asked.engine,):
        found = intake(engine, asked.messages)
        print(
            f"{engine}: {found.rate:.0f} messages a second ({found.processor:.0f} a second of processor), "
            f"slowest {found.slowest * 1000:.0f} ms; {found.states}"
        )


if __name__ == "__main__":
    main()
