"""The steps of an erasure. Each yields after a batch, which is one transaction with its count, and may be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import count
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_noop

from comity.accounts.models import Person
from comity.communications import originals
from comity.communications.mail import Mail
from comity.intake.public.tracking import Tracking
from comity.privacy import places
from comity.privacy.models import Erasure
from comity.privacy.places import MARK
from comity.privacy.words import Sieve, blanked, instead, replacements
from comity.records import files, seal, write
from comity.records.blanking import Unsealed, blank_entries, blank_former, blank_rows
from comity.records.kind import Kind, is_kind, kind_named, kinds
from comity.records.models import Blanked, Entry, File, FormerRow, Record, Seal
from comity.records.trail import Actor, Thing, log
from comity.reports import pdf
from comity.satisfaction.models import Invitation

BATCH = 100
EMPTIED = "erased.txt"
NOTE = gettext_noop("Personal data were erased (%(ref)s).")
UNTOUCHED: tuple[type[models.Model], ...] = (Erasure, Entry, FormerRow, Seal, Blanked)  # or of a step of their own
Step = Callable[[Erasure], Iterator[None]]


def _actor() -> Actor:
    return Actor.system("erasure")


def _own(made: Erasure) -> Iterator[tuple[Kind, list[int]]]:
    """The records whose words go: all in its scope but those of which somebody said that they hold nothing."""
    for name, ids in made.scope.items():
        kind = kind_named(name)
        rows: Any = kind.model._default_manager.filter(pk__in=ids)
        if name != "contact":
            rows = rows.exclude(ref__in=made.spared)
        yield kind, list(rows.order_by("pk").values_list("pk", flat=True))


def _some(ids: list[Any]) -> Iterator[list[Any]]:
    return (ids[n : n + BATCH] for n in range(0, len(ids), BATCH))


def _fits(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    longest = {field.name: getattr(field, "max_length", None) for field in model._meta.concrete_fields}
    return {name: value[: longest[name]] if isinstance(value, str) else value for name, value in values.items()}


def _write(made: Erasure, place: str, model: type[models.Model], wanted: dict[Any, dict[str, Any]]) -> None:
    """One batch of rows, with a line on the trail of each record that lost words."""
    if not wanted:
        return
    with transaction.atomic():
        made.count(place, blank_rows(model, {pk: _fits(model, values) for pk, values in wanted.items()}))
        if issubclass(model, Record):
            for record in model._default_manager.filter(pk__in=[*wanted]).order_by("pk"):
                write.note_auto(record, NOTE, _actor(), ref=made.request.ref)


def words_of_records(made: Erasure) -> Iterator[None]:
    """The free text of their own records."""
    for kind, ids in _own(made):
        others = replacements(kind, made)
        for some in _some(ids):
            wanted = {}
            for row in kind.model._default_manager.filter(pk__in=some).values("pk", *others):
                values = {name: blanked(row[name], other) for name, other in others.items()}
                if changed := {name: value for name, value in values.items() if value != row[name]}:
                    wanted[row["pk"]] = changed
            _write(made, kind.name, kind.model, wanted)
            yield


def sign_in(made: Erasure) -> Iterator[None]:
    """The account of a contact keeps its number, so that the trail knows who acted, and nothing else."""
    for n, pk in enumerate(made.people):
        with transaction.atomic():
            for model, rows in places.beside([pk]):
                made.count(model._meta.model_name or "", rows.delete()[0])
            address = f"erased-{made.number}@erased.invalid" if not n else f"erased-{made.number}-{n}@erased.invalid"
            known = Person.objects.filter(pk=pk).exclude(email=address)
            values = {"name": made.name, "email": address, "password": "!", "is_active": False, "last_login": None}
            if known.update(**values):
                made.count("person", 1)
                log(Thing("person", pk, f"person-{pk}"), "erased", _actor())
        yield
    mine = {str(pk) for pk in made.people}
    gone = [row.pk for row in Session.objects.iterator() if row.get_decoded().get("_auth_user_id") in mine]
    made.count("session", Session.objects.filter(pk__in=gone).delete()[0])
    yield


def secret_links(made: Erasure) -> Iterator[None]:
    """Addresses that open their cases, or a survey that they were asked in, without signing in: they end."""
    with transaction.atomic():
        links = Tracking.objects.filter(case__in=made.scope.get("case", ()), revoked_at=None)
        made.count("tracking", links.update(revoked_at=timezone.now()))
        Invitation.objects.filter(contact__in=made.contacts).exclude(digest="").update(digest="")
    yield


def _addresses(made: Erasure) -> list[str]:
    return [word for word, _other in made.words if "@" in word]


def mails(made: Erasure) -> Iterator[None]:
    """The mails as they came and went: the lines of the ledger stay, without words; the originals go."""
    rows = places.mails(dict(made.scope), _addresses(made), made.held).exclude(raw="", subject__in=("", MARK))
    for some in _some(list(rows.order_by("pk"))):
        with transaction.atomic():
            ids = [mail.pk for mail in some]
            for mail in some:
                raw, mail.raw = mail.raw, ""
                mail.subject, mail.reason = blanked(mail.subject, MARK), blanked(mail.reason, MARK)
                address = instead("address", made)
                mail.sender = address if mail.direction == mail.Direction.IN else mail.sender
                mail.recipients = [address] if mail.direction == mail.Direction.OUT else mail.recipients
                mail.enclosed = []
                if mail.state in (mail.State.WAITING, mail.State.SENDING):  # to nobody any more
                    mail.state, mail.next_at = mail.State.FAILED, None
                if raw and not type(mail).objects.filter(raw=raw).exclude(pk__in=ids).exists():
                    originals.drop(raw)
                mail.save()
            made.count("mail", len(some))
        yield


def sent_files(made: Erasure) -> Iterator[None]:
    """Files of their records: that there was one stays, its name and its bytes go."""
    rows = places.files({kind.name: ids for kind, ids in _own(made)}).exclude(name=EMPTIED)
    for some in _some(list(rows.order_by("pk"))):
        with transaction.atomic():
            for file in some:
                files.put_instead(file, ContentFile(MARK.encode(), EMPTIED))
            made.count("file", len(some))
        yield


def _texts(model: type[models.Model]) -> list[str]:
    """The columns of a table in which words may stand that somebody wrote."""
    written = (models.CharField, models.TextField, models.JSONField)
    rest = (field for field in model._meta.concrete_fields if isinstance(field, written) and not field.primary_key)
    return [field.name for field in rest if not field.choices and not field.is_relation]


def _holding(rows: Any, names: Iterable[str], forms: Iterable[str]) -> Any:
    """Those of the rows in whose columns one of the forms of a word stands."""
    found, forms = Q(pk__in=()), list(forms)
    for name in names:
        rows = rows.alias(**{f"sought_in_{name}": Cast(name, TextField())})
        for form in forms:
            found |= Q(**{f"sought_in_{name}__icontains": form})
    return rows.filter(found).order_by("pk")


def _ahead(rows: Any) -> Iterator[list[Any]]:
    """Batch after batch by the primary key; what a batch changed is not looked at twice."""
    last: Any = None
    while some := list((rows if last is None else rows.filter(pk__gt=last))[:BATCH]):
        yield some
        last = some[-1]["pk"] if isinstance(some[0], dict) else some[-1].pk


def elsewhere(made: Erasure) -> Iterator[None]:
    """Their names, addresses and numbers in every column of every table; titles only where they were copied to."""
    everywhere, aside = Sieve(made.words), Sieve([*made.words, *made.phrases])
    for model in apps.get_models():
        names = _texts(model)
        if not names or model in UNTOUCHED or model._meta.proxy or not model._meta.managed:
            continue
        sieve = everywhere if is_kind(model) else aside
        for some in _ahead(_holding(_free(model, made), names, sieve.forms).values("pk", *names)):
            wanted = {}
            for row in some:
                values = {name: sieve(row[name]) for name in names}
                if changed := {name: value for name, value in values.items() if value != row[name]}:
                    wanted[row["pk"]] = changed
            _write(made, f"names_in_{model._meta.model_name}", model, wanted)
            yield


def _free(model: type[models.Model], made: Erasure) -> Any:
    """The rows of a table that neither are under hold nor hang on what is."""
    rows: Any = model._base_manager.all()
    if model is Mail:
        return rows.exclude(ref__in=[*made.held]).exclude(communication__ref__in=[*made.held])
    if model is File:
        return rows.exclude(_all_of(Q(kind=name, record_id__in=ids) for name, ids in _held(made).items()))
    return rows.exclude(ref__in=[*made.held]) if is_kind(model) else rows


def _all_of(parts: Iterable[Q]) -> Q:
    return reduce(or_, parts, Q(pk__in=()))


def _held(made: Erasure) -> dict[str, list[int]]:
    """Ids of the records under hold, by kind."""
    found = dict[str, list[int]]()
    for kind in kinds():
        rows = kind.model._default_manager.filter(ref__in=[ref for ref in made.held if ref.startswith(f"{kind.ref}-")])
        if made.held and (ids := list(rows.values_list("pk", flat=True))):
            found[kind.name] = ids
    return found


def what_rows_held(made: Erasure) -> Iterator[None]:
    """The same out of what the database keeps of former states, which days of the past are computed from."""
    sieve, held = Sieve(made.words), _held(made).items()
    tables = (Q(table=kind_named(name).model._meta.db_table, row__in=ids) for name, ids in held)
    rows = FormerRow.objects.exclude(_all_of(tables))
    for kind, ids in _own(made):
        others = {kind.field(name).column: other for name, other in replacements(kind, made).items()}
        for some in _some(ids):
            found = rows.filter(table=kind.model._meta.db_table, row__in=some)
            wanted = {one.pk: {k: blanked(v, others[k]) if k in others else sieve(v) for k, v in one.was.items()}
                      for one in found}  # fmt: skip
            with transaction.atomic():
                made.count("former", blank_former(wanted))
            yield
    for batch in _ahead(_holding(rows, ["was"], sieve.forms)):
        with transaction.atomic():
            made.count("former", blank_former({one.pk: sieve(one.was) for one in batch}))
        yield


def trail(made: Erasure) -> Iterator[None]:
    """The same out of the lines of the trail, which stays sealed (records.blanking)."""
    sieve = Sieve(made.words)
    rows = Entry.objects.exclude(_all_of(Q(kind=name, record_id__in=ids) for name, ids in _held(made).items()))
    for kind, ids in _own(made):
        others = replacements(kind, made)
        for some in _some(ids):
            for lines in _ahead(rows.filter(kind=kind.name, record_id__in=some).order_by("pk")):
                yield from _blank(made, {one.pk: _without(one, made, sieve, others) for one in lines})
    for found in (rows.filter(actor_id__in=made.people), _holding(rows, ["actor", "changes", "note"], sieve.forms)):
        for lines in _ahead(found.order_by("pk")):
            yield from _blank(made, {one.pk: _without(one, made, sieve, None) for one in lines})


def _without(entry: Entry, made: Erasure, sieve: Sieve, others: dict[str, str] | None) -> dict[str, Any]:
    """What a line says afterwards; `others` where it is a line of one of their own records."""
    changes, note = sieve(entry.changes), sieve(entry.note)
    if others is not None:
        if entry.act == Entry.FILE:
            others = others | {"file": EMPTIED}
        changes = {name: blanked(pair, others[name]) if name in others else pair for name, pair in changes.items()}
        note = note if entry.rule else blanked(note, MARK)
    return {
        "actor": made.name if entry.actor_id in made.people else sieve(entry.actor), "changes": changes, "note": note
    }  # fmt: skip


def _blank(made: Erasure, wanted: dict[int, dict[str, Any]]) -> Iterator[None]:
    for _attempt in count():
        try:
            with transaction.atomic():
                made.count("entry", blank_entries(wanted, made.request, _actor()))
            break
        except Unsealed:
            while seal.drain():
                yield
    yield


def traces(made: Erasure) -> Iterator[None]:
    """Words by which others' records are found, and papers that can be set again."""
    from comity.parties.models import Contact
    from comity.records import search

    for kind in kinds():
        for name in {path.partition("__")[0] for path in kind.search if "__" in path}:
            target = kind.model._meta.get_field(name).related_model
            ids = made.contacts if target is Contact else made.people if target is Person else []
            if ids:
                search.index(kind, kind.model._default_manager.filter(**{f"{name}__in": ids}))
    pdf.clear(0)
    yield


STEPS: tuple[Step, ...] = (
    words_of_records, sign_in, secret_links, mails, sent_files, elsewhere, what_rows_held, trail, traces,
)  # fmt: skip
