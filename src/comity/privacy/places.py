"""Where one person's words and names stand, and what becomes of each place: told by the kinds themselves.

A kind that names a contact in a column of that name speaks of them, and so does what belongs to their cases: its free
text goes. A kind that names them otherwise (who signed, who was at fault) keeps its words; there the contact itself has
no name any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.db import models
from django.db.models import Q

from comity.cases.models import Case
from comity.communications.mail import Mail
from comity.communications.models import Communication
from comity.parties.models import Contact
from comity.privacy.edges import bounded
from comity.privacy.models import DataSubjectRequest, Erasure, LegalHold
from comity.records.kind import Kind, kind_named, kind_of, kinds
from comity.records.models import File

MARK = "[erased]"
OUR_WORDS = frozenset({"acceptance", "consent", "interested_party", "plan_line", "plan_party"})
"""Kinds that name a contact and hold what we and the organisation agreed, or the mere choice."""
SHORT = {
    "contact": ("name", "email", "phone"), "case": ("title", "complainant", "agent", "address", "reach", "conduct"),
    "communication": ("summary",),
}  # fmt: skip
"""Columns of one line that hold words of theirs; free text and what answers forms goes in any case."""
NAMES = frozenset({"name", "complainant", "agent"})
Scope = dict[str, list[int]]


def columns(kind: Kind) -> list[models.Field[Any, Any]]:
    """The columns of a kind whose words go."""
    ours = {"data_subject_request": {"outcome"}}.get(kind.name, set[str]())
    named = SHORT.get(kind.name, ())

    def speaks(field: Any) -> bool:
        free = isinstance(field, models.TextField) and not field.choices
        return free or field.name in named or (field.name == "answers" and isinstance(field, models.JSONField))

    return [field for field in kind.model._meta.concrete_fields if speaks(field) and field.name not in ours]


def _to(kind: Kind, model: type[models.Model], name: str) -> bool:
    return any(field.name == name and field.related_model is model for field in kind.model._meta.concrete_fields)


def scope(contacts: Collection[Contact]) -> Scope:
    """The records whose words are theirs, by kind."""
    ids = [one.pk for one in contacts]
    found: Scope = {"contact": ids}
    mails = [one.email for one in contacts if one.email]
    same = Q(contact__in=ids)
    for address in mails:
        same |= Q(address__iexact=address) & (Q(contact=None) | Q(contact__in=ids))
    cases = dict(Case.objects.filter(same).order_by("pk").values_list("pk", "ref"))
    for kind in kinds():
        model, own = kind.model, Q()
        if kind.name == "case":
            found["case"] = [*cases]
            continue
        if kind.name not in OUR_WORDS and _to(kind, Contact, "contact"):
            own |= Q(contact__in=ids)
        if _to(kind, Case, "case"):
            own |= Q(case__in=[*cases])
        if kind.name == "communication":
            own = (own | Q(subject_ref__in=[*cases.values()])) & ~Q(subject_kind=kind_of(DataSubjectRequest).name)
        if own and (rows := list(model._default_manager.filter(own).order_by("pk").values_list("pk", flat=True))):
            found[kind.name] = rows
    return {name: rows for name, rows in found.items() if rows}


def holds() -> dict[str, str]:
    """The records under hold and why."""
    rows = LegalHold.objects.filter(status=LegalHold.Status.HELD).order_by("pk")
    return dict(rows.values_list("subject_ref", "reason"))


def parted(found: Scope, before: Mapping[str, str] = MappingProxyType({})) -> tuple[Scope, dict[str, str]]:
    """The same without what is under hold (or was before), itself or by the record that it belongs to; and that, with
    the reason."""
    reasons, held, left = {**holds(), **before}, dict[str, str](), Scope()
    for name, ids in found.items():
        kept = list[int]()
        for pk, ref, *above in _rows(name, ids):
            if reason := next((reasons[one] for one in (ref, *above) if one in reasons), ""):
                held[ref] = reason
            else:
                kept.append(pk)
        if kept:
            left[name] = kept
    return left, held


def _rows(name: str, ids: Collection[int]) -> Iterator[tuple[Any, ...]]:
    """Id and reference of these records, and the references of what they belong to."""
    kind = kind_named(name)
    above = ["case__ref"] if _to(kind, Case, "case") else []
    above += [field.name for field in kind.model._meta.concrete_fields if field.name == "subject_ref"]
    rows: Any = kind.model._default_manager.filter(pk__in=ids).order_by("pk")
    return iter(rows.values_list("pk", "ref", *above))


def referred(found: Scope) -> set[str]:
    """The references of these records."""
    return {ref for name, ids in found.items() for _pk, ref, *_above in _rows(name, ids)}


def files(found: Scope) -> models.QuerySet[File]:
    """What was sent or kept with these records."""
    return File.objects.filter(_any((Q(kind=name, record_id__in=ids) for name, ids in found.items())))


def mails(found: Scope, addresses: Collection[str], held: Collection[str]) -> models.QuerySet[Mail]:
    """The mails in which they wrote or were written to."""
    said = found.get(kind_of(Communication).name, [])
    own = Q(communication__in=said) | Q(ref__in=referred({"case": found.get("case", [])}))
    for address in addresses:
        own |= Q(sender__iregex=bounded(address)) | Q(recipients__iregex=bounded(address))
    return Mail.objects.filter(own).exclude(ref__in=[*held]).exclude(communication__ref__in=[*held])


def _any(parts: Any) -> Q:
    whole = Q(pk__in=())
    for part in parts:
        whole |= part
    return whole


def beside(people: Collection[int]) -> list[tuple[type[models.Model], models.QuerySet[Any]]]:
    """What hangs on a sign-in and is no evidence: sessions of their own aside, all that goes with the account."""
    from django.apps import apps

    from comity.accounts.models import ApiToken, Person, SignInLink
    from comity.records.models import Record
    from comity.records.past import evidence

    kept = {*evidence(), Erasure}
    found = []
    for model in apps.get_models():
        if model in kept or issubclass(model, Record):
            continue
        for field in model._meta.concrete_fields:
            goes = getattr(field.remote_field, "on_delete", None) is models.CASCADE or model in (ApiToken, SignInLink)
            if field.related_model is Person and goes:
                found.append((model, model._base_manager.filter(**{f"{field.name}__in": [*people]})))
    return found
