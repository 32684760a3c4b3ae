"""Mails of other projects' collections, byte for byte: each goes in, and says what their own tests say it says.

The folder holds `*.zip` with mails and, beside some of them, `<name>_expected.json` with facts of several shapes.
What is asserted is what an intake owes: sender, subject, date, text, identity, what was enclosed. Where the collections
judge by a rule of their own we keep ours; `Fact.policy` names these rules.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from comity.cases.models import Case
from comity.communications import originals
from comity.communications.mail import Mail
from comity.communications.models import Communication
from comity.intake.mail.parsing import Letter, read
from comity.intake.mail.quoting import new_part
from tests.intake.mail.conftest import Post

pytestmark = pytest.mark.reference
HOLD, EXPLAINED = 0.9, 0.98  # of all facts: hold as they stand; hold or differ by a policy


def collections(folder: Path) -> Iterator[tuple[str, dict[str, bytes], dict[str, dict[str, Any]]]]:
    """Name, mails, and the facts by file."""
    for packed in sorted((folder / "mail").glob("*.zip")):
        with zipfile.ZipFile(packed) as unpacked:
            mails = {name: unpacked.read(name) for name in unpacked.namelist() if not name.endswith("/")}
        facts = packed.with_name(f"{packed.stem}_expected.json")
        known = json.loads(facts.read_text(encoding="utf-8"))["mails"] if facts.exists() else []
        yield packed.stem, mails, {one["file"]: one for one in known}


def plain(text: Any) -> str:
    return re.sub(r"\s+", " ", str(text or "")).strip()


def instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


@dataclass(frozen=True)
class Fact:
    """One statement about one mail, and what we read."""

    mail: str
    name: str
    wanted: Any
    found: Any
    letter: Letter

    @property
    def holds(self) -> bool:
        return bool(self.wanted == self.found)

    @property
    def policy(self) -> str:
        """The rule by which we differ; empty where there is none."""
        wanted, found = self.wanted, self.found
        if self.name in ("subject", "text") and "\ufffd" in wanted and "\ufffd" not in found:
            return "bytes in no charset are read as the likeliest one, not as replacement signs"
        if self.name in ("sender", "recipient") and not re.fullmatch(r"[^\s@\"<>]+@[^\s@\"<>]+", wanted):
            return "what is no address is kept as a name, or its address is taken out"
        if self.name == "name" and (re.search("[@<>]", wanted) or wanted == found.rpartition(" ")[2]):
            return "a name has no address in it"
        if self.name == "name" and not found and wanted:
            return "what is no address is kept as a name, or its address is taken out"
        if self.name == "enclosures" and _names(wanted) <= _names(found):
            return "nothing that was sent is left out"
        if self.name == "enclosures" and self.letter.text and len(found) < len(wanted):
            return "text that belongs to the message is shown with it, not filed"
        if self.name == "enclosures" and len(found) == len(wanted):
            return "what has no name is numbered"
        if self.name == "enclosure count" and found > wanted:
            return "nothing that was sent is left out"
        if self.name == "enclosure count" and self.letter.text:
            return "text that belongs to the message is shown with it, not filed"
        if self.name == "text" and (self.letter.from_html or found in wanted or wanted in found):
            return "damaged parts: as much text as can be read"
        if self.name == "text" and set(wanted.split()) <= set(found.split()):
            return "damaged parts: as much text as can be read"
        return ""


def _names(files: Any) -> set[str]:
    return set(files) if isinstance(files, list) else set()


def facts_of(where: str, letter: Letter, known: dict[str, Any]) -> Iterator[Fact]:
    """What the collections tell, in any of their shapes."""

    def fact(name: str, wanted: Any, found: Any) -> Fact:
        return Fact(where, name, wanted, found, letter)

    if known.get("subject") is not None:
        yield fact("subject", plain(known["subject"]), plain(letter.subject))
    sender = known.get("from_email") or next((one.get("address") for one in _boxes(known.get("from"))), None)
    if sender:
        yield fact("sender", sender.lower(), letter.sender.email)
    name = known.get("from_display_name") or next((one.get("name") for one in _boxes(known.get("from"))), None)
    if name:
        yield fact("name", plain(name), plain(letter.sender.name))
    to = known.get("to_email") or next((one.get("address") for one in _boxes(known.get("to"))), None)
    if to:
        yield fact("recipient", to.lower(), next((one.email for one in letter.recipients), ""))
    if known.get("message_id"):
        yield fact("identity", known["message_id"], letter.message_id)
    if date := instant(str(known.get("date_utc") or known.get("date") or "")):
        yield fact("date", date, letter.date)
    if isinstance(known.get("attachments"), int):
        yield fact("enclosure count", known["attachments"], len(letter.enclosures))
    elif isinstance(known.get("attachments"), list):
        names = [one["filename"] for one in known["attachments"] if one["filename"] != "message.html"]
        yield fact("enclosures", names, [one.name for one in letter.enclosures])
    bodies = [one for one in known.get("text_body") or () if one["kind"] == "text"]
    text = known["text"] if "text" in known else " ".join(one["text"] for one in bodies) if bodies else None
    if text is not None:
        most = 200 if any(one.get("truncated") for one in bodies) else 2000
        yield fact("text", plain(text)[:most], plain(letter.text)[:most])


def _boxes(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def test_reference_mails_say_what_their_collections_say(
    reference_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held, explained, wrong = 0, Counter[str](), []
    for name, mails, known in collections(reference_data):
        for file, told in known.items():
            if file not in mails:
                continue
            letter = read(mails[file])
            for fact in facts_of(f"{name}/{file}", letter, told):
                if fact.holds:
                    held += 1
                elif fact.policy:
                    explained[fact.policy] += 1
                else:
                    wrong.append(f"{fact.mail} {fact.name}: {fact.found!r:.150} instead of {fact.wanted!r:.150}")
    total = held + sum(explained.values()) + len(wrong)
    with capsys.disabled():
        print(f"\n{held} of {total} facts hold; by policy: {dict(explained)}; wrong: {wrong}")
    assert total, "no facts in this folder"
    assert total - len(wrong) >= EXPLAINED * total, "\n".join(wrong)
    assert held >= HOLD * total


def test_reference_replies_are_cut_where_the_quote_begins(reference_data: Path) -> None:
    wrong, count = [], 0
    for name, mails, known in collections(reference_data):
        for file, told in known.items():
            if "reply_text" in told and file in mails:
                text, count = read(mails[file]).text, count + 1
                if (found := text[slice(*new_part(text))].strip()) != told["reply_text"].strip():
                    wrong.append(f"{name}/{file}: {found!r}")
    assert count and not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_reference_mails_all_go_in(reference_data: Path, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every mail ends in the ledger with its bytes; each that a person wrote is a case or belongs to one."""
    monkeypatch.setattr("comity.intake.mail.taking.CASES_AN_HOUR", 10_000)
    monkeypatch.setattr("comity.intake.mail.taking.POSTS_AN_HOUR", 10_000)
    states: Counter[str] = Counter()
    for name, mails, _known in collections(reference_data):
        for file, raw in mails.items():
            taken = post.take(raw, name)
            states[taken.state] += 1
            assert not taken.reason.startswith(("error", "invalid")), f"{name}/{file}: {taken.reason}"
            row = Mail.objects.filter(direction="in", mailbox=name).order_by("-pk").first()
            assert row is not None and (taken.again or originals.read(row.raw) == raw), f"{name}/{file}"
            if taken.state == "taken" and not taken.again:
                assert Communication.objects.filter(subject_ref=taken.ref).exists()
    cases = Case.objects.count()
    assert states["taken"] > 0 and cases > 0
    assert states["refused"] <= states.total() / 20
    assert {one.channel for one in Case.objects.all()} == {"email"}
    assert all(one.title.strip() and one.description.strip() for one in Case.objects.all())


def test_reference_mails_go_in_once(reference_data: Path, post: Post) -> None:
    """The first of each collection, twice and through another mailbox."""
    for _name, mails, _known in collections(reference_data):
        raw = next(iter(mails.values()))
        post.take(raw, "one")
        before = post.counts()[:2]
        assert post.take(raw, "one").again
        post.take(raw, "two")
        assert post.counts()[:2] == before
