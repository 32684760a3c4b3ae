"""People and parties as the arguments name them: who holds a role, who was there, to whom something went."""

from __future__ import annotations

from django.db.models import Q

from comity.compliance import catalogue
from comity.compliance.columns import asked, is_empty
from comity.compliance.compiler import knows
from comity.compliance.inquiry import Inquiry
from comity.compliance.ties import Members
from comity.records.facts import Rows, Unrecorded, Vocabulary, spoken

PERSONS = frozenset({"customer_contact", "supplier_contact", "contact", "complainant"})  # reached as a contact
SIDES = {"customer_contact": "customer", "supplier_contact": "supplier"}


def at_work(inquiry: Inquiry) -> Rows:
    """Ids of the people who belong to the organisation on that day."""
    staff = spoken("staff")
    return staff.rows.filter(staff.at("status", inquiry.as_of)).order_by().values("pk")


def holders(inquiry: Inquiry, role: str) -> Rows:
    """Ids of the people who hold a role on that day."""
    vocabulary = spoken("responsibility")
    held = Q(**{vocabulary.fact("role").path: role}) & vocabulary.at("status", inquiry.as_of)
    return vocabulary.rows.filter(held).order_by().values(vocabulary.fact("holder").path)


def is_role(name: str) -> bool:
    return name in catalogue.words().tags["roles"] and name not in PERSONS


def by_role(inquiry: Inquiry, vocabulary: Vocabulary, name: str, role: str) -> Q:
    """That the person or one of the people under the name holds the role."""
    fact, people = vocabulary.fact(name), holders(inquiry, role)
    if fact.of:
        return fact.of(spoken("staff").rows.filter(pk__in=people))
    return asked(vocabulary, fact.path, {"in": people})


def with_party(inquiry: Inquiry, vocabulary: Vocabulary, relation: str, who: str) -> Q:
    """That a party stands in the relation to a record: took part, was sent it, confirmed it, issued it.

    `relation` is participation, attended_by, shared_with, sent_to, confirmed_by or by. Raises Unrecorded.
    """
    if relation == "confirmed_by":
        return confirmed(inquiry, who)
    if is_role(who):
        name = {"attended_by": "attendees", "by": "issued_by"}.get(relation, relation)
        return by_role(inquiry, vocabulary, name, who)
    if vocabulary.kind == "communication":
        return addressed(inquiry, vocabulary, who)
    name = {"participation": "customer_attended"}.get(relation, relation) if who in PERSONS else relation
    fact = vocabulary.fact(name)
    if fact.holds is not None:
        return fact.holds(inquiry.as_of)
    field = vocabulary.model._meta.get_field(fact.path.split("__")[0])
    if getattr(field, "get_internal_type", str)() == "BooleanField":
        return Q(**{fact.path: True})
    return ~is_empty(vocabulary, fact)


def addressed(inquiry: Inquiry, vocabulary: Vocabulary, who: str) -> Q:
    """That a communication went to (or came from) the party. A party has a fact of its name, or is a contact, or a
    role that somebody among the `recipients` holds. Raises Unrecorded.
    """
    if who in vocabulary.facts:
        fact = vocabulary.fact(who)
        return fact.holds(inquiry.as_of) if fact.holds is not None else ~is_empty(vocabulary, fact)
    if who in PERSONS:
        reached = ~is_empty(vocabulary, vocabulary.fact("contact"))
        if side := SIDES.get(who):
            kind = vocabulary.fact("party_kind")
            reached &= Q(**{f"{kind.path}__in": list(kind.words.get(side, (side,)))})
        return reached
    if is_role(who):
        return by_role(inquiry, vocabulary, "recipients", who)
    raise Unrecorded(f"{vocabulary.kind}.{who}")


def confirmed(inquiry: Inquiry, who: str, within: str | None = None) -> Q:
    """That a record was confirmed by an acceptance of the party, no longer ago than `within`."""
    vocabulary = spoken("acceptance")
    moment = vocabulary.fact("accepted_at").path
    given = vocabulary.rows.filter(
        **{f"{vocabulary.fact('type').path}__in": ("confirmed", "agreed", "signed"), f"{moment}__lte": inquiry.as_of}
    ).order_by()
    if within is not None:
        given = given.filter(**{f"{moment}__gt": inquiry.before(within)})
    if is_role(who):
        given = given.filter(**{f"{vocabulary.fact('person').path}__in": holders(inquiry, who)})
    elif who in PERSONS:
        given = given.exclude(is_empty(vocabulary, vocabulary.fact("contact")))
    elif who:
        raise Unrecorded(f"acceptance.{who}")
    return Q(ref__in=given.values(vocabulary.fact("version").path))


def stands_for(part: Members, role: str) -> str:
    """The column by which records of the kind name the holder of a role themselves; empty where they do not."""
    return part.vocabulary.fact(role).path if knows(part.vocabulary, role) else ""
