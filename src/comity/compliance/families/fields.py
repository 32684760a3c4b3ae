"""Fields of records: what people call them, which are empty, and where somebody stated that there is nothing."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.compliance.columns import column, is_empty
from comity.compliance.families import many
from comity.compliance.inquiry import Inquiry
from comity.compliance.names import called
from comity.compliance.outcome import Fault
from comity.records.facts import Unrecorded, Vocabulary
from comity.records.models import Entry, Record

NONE = "none"  # the act by which somebody states, with a reason, that there is nothing to record
LINKS = "links"


def none_stated(inquiry: Inquiry, vocabulary: Vocabulary, name: str, by: str = "") -> Q:
    """The rows of which somebody, or a holder of the role, said with a reason that there is none."""
    if not issubclass(vocabulary.model, Record):
        return Q(pk__in=[])
    said = Entry.objects.filter(act=NONE, note__gt="", changes__has_key=name, at__lte=inquiry.as_of)
    if by:
        from comity.compliance.families.people import holders

        said = said.filter(actor_id__in=holders(inquiry, by))
    return Q(ref__in=said.values("ref"))  # without the kind: the index on acts, of which these are few


def label(vocabulary: Vocabulary, name: str) -> str:
    """What people call the field."""
    try:
        field = column(vocabulary.model, vocabulary.fact(name).path)
    except (Unrecorded, IndexError):
        return called(name)
    return str(getattr(field, "verbose_name", called(name)))


def unfilled(vocabulary: Vocabulary, name: str, unless: Q | None = None) -> Fault:
    """That a field is empty, unless something else holds."""
    question = is_empty(vocabulary, vocabulary.fact(name))
    question = question if unless is None else question & ~unless
    return Fault(question, lambda row: _("%(name)s is empty") % {"name": label(vocabulary, name)})


def filled(vocabulary: Vocabulary, names: object) -> Q:
    """That all these fields are filled."""
    question = Q()
    for name in many(names):
        question &= ~is_empty(vocabulary, vocabulary.fact(name))
    return question
