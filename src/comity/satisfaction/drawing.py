"""Who is asked in a planned survey: chance draws within strata, from a frame and a seed that we keep (ISO20000-7.1-28).

Nobody adds or removes a person. Left out are, each counted by its reason: who has left, who chose to be left alone, who
was asked not long before, and whom no letter reaches (CSMS:2003 8.1, 8.7.2). Whoever repeats the draw finds the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.accounts.rights import rights_of
from comity.accounts.roles import Role
from comity.clocks.parameters import limit, number
from comity.parties import consents
from comity.parties.models import Contact, Customer
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor, Refused
from comity.satisfaction import rules
from comity.satisfaction.inviting import asked_lately
from comity.satisfaction.models import Invitation, Survey, SurveyResponse, SurveySample

RULE = "ISO20000-7.1-28"
MANY = 25  # customers; with more of them, their segments are the strata
REASONS: Mapping[str, Promise] = {
    "left": _("Has left since the last time"),
    "opted_out": _("Does not wish to be asked"),
    "asked_lately": _("Was asked not long before"),
    "no_address": _("Has no address"),
}


@dataclass
class Frame:
    """Everybody of whom the answers shall speak, by stratum, and those of them among whom chance may draw."""

    people: Counter[str] = field(default_factory=Counter)
    members: dict[str, list[int]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    customers: set[int] = field(default_factory=set)
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return self.people.total()


def frame_at(now: datetime) -> Frame:
    """All who are in touch with us for an active customer or use its services: by customer and role, or by the
    customers' category and role where there are many customers."""
    found = Frame()
    rows = Contact.objects.filter(
        type__in=(Contact.Type.CUSTOMER, Contact.Type.USER), archived_at=None,
        customer__status=Customer.Status.ACTIVE, customer__archived_at=None,
    )  # fmt: skip
    active = list(rows.filter(status=Contact.Status.ACTIVE).select_related("customer__category").order_by("pk"))
    many = len({one.customer_id for one in active}) > MANY
    out = set(consents.out_of(consents.Purpose.SURVEYS, now).values_list("contact", flat=True))
    lately = asked_lately([one.pk for one in active], now)
    for one in active:
        name, label = _stratum(one, many)
        found.people[name] += 1
        found.labels[name] = label
        found.members.setdefault(name, [])
        found.customers.add(one.customer_id or 0)
        if why := _why_not(one, out, lately):
            found.left_out[why] += 1
        else:
            found.members[name].append(one.pk)
    since = now - timedelta(days=limit("survey_pause_days").value)
    found.left_out["left"] = rows.filter(status=Contact.Status.ENDED, moved_at__gt=since).count()
    return found


def _why_not(contact: Contact, out: set[int], lately: set[int]) -> str:
    if contact.pk in out:
        return "opted_out"
    if contact.pk in lately:
        return "asked_lately"
    return "" if contact.email else "no_address"


def _stratum(contact: Contact, many: bool) -> tuple[str, tuple[str, str]]:
    """Its name, which never changes, and what it was called when the frame was frozen."""
    whole: Any = contact.customer.category if many and contact.customer else contact.customer
    return f"{whole.ref if whole else '-'}/{contact.type}", (str(whole or "–"), contact.type)


def expected_rate(survey: Survey) -> float:
    """The share that answered the last survey of this sort, else the least that is asked for; never under that."""
    least = number("response_rate_min")
    before = previous(survey)
    if before is None:
        return least
    types = Counter(SurveyResponse.objects.filter(survey=before).values_list("type", flat=True))
    return max(least, types["answered"] / types.total()) if types else least


def previous(survey: Survey) -> Survey | None:
    """The last survey of the same people about the same that was closed before this one."""
    rows = Survey.objects.filter(audience=survey.audience, topic=survey.topic, raised_by=survey.raised_by)
    rows = rows.filter(closed_at__isnull=False, archived_at=None).exclude(pk=survey.pk)
    if survey.closed_at:
        rows = rows.filter(closed_at__lt=survey.closed_at)
    return rows.order_by("-closed_at", "-pk").first()


def may_draw(survey: Survey, actor: Actor) -> Iterator[str | Promise]:
    """Who looks after customers does not decide which of them are asked."""
    if not actor.rule and Role.RELATIONSHIP_MANAGER in rights_of(actor.person).held:
        yield _("Whoever manages relationships does not draw the sample.")
    if survey.audience != Survey.Audience.CUSTOMER:
        yield _("Only contacts of customers can be drawn.")


def draw(survey: Survey, actor: Actor, data: Mapping[str, Any]) -> None:
    """Freeze the frame, let chance draw, and keep both with the seed; invitations go out when the survey opens.

    Raises Refused where no names were promised and too few can be asked to hide among.
    """
    now, by_rule = timezone.now(), actor.by(RULE)
    frame = frame_at(now)
    census = int(number("census_max"))
    wanted = rules.required(frame.size, number("sample_confidence"), number("sample_margin"), census)
    asked = frame.size if frame.size <= census else rules.invited(wanted, frame.size, expected_rate(survey))
    sizes = rules.allocate(asked, frame.people)
    chosen = rules.draw(frame.members, sizes, str(survey.seed))
    selected = sum(map(len, chosen.values()))
    if survey.anonymous and selected < rules.FEW:
        words = _("%(n)d can be asked now; without names it takes at least %(least)d.")
        raise Refused([words % {"n": selected, "least": rules.FEW}])
    strata = [
        {
            "name": name, "of": frame.labels[name][0], "role": frame.labels[name][1], "frame": n, "size": sizes[name],
            "selected": len(chosen[name]),
        }
        for name, n in sorted(frame.people.items())
    ]  # fmt: skip
    values = {
        "survey": survey, "type": "census" if asked >= frame.size else "random", "wanted": wanted,
        "frozen_on": timezone.localdate(now), "frame_size": frame.size, "seed": survey.seed, "strata": strata,
        "selected": selected, "exclusions": {why: n for why, n in frame.left_out.items() if n},
    }  # fmt: skip
    sample = write.create(kind_of(SurveySample), values, actor=by_rule, unit=survey.unit)
    sample.customers.set(frame.customers)
    write.assign(sample, {"members": frame.members}, actor=by_rule)
    Invitation.objects.bulk_create(
        (Invitation(survey=survey, contact_id=pk, stratum=name, at=now) for name in chosen for pk in chosen[name]),
        batch_size=500,
    )


def same_again(sample: SurveySample) -> bool:
    """Does the draw, repeated from the frame and the seed that were kept, give those who were invited?"""
    sizes = {one["name"]: one["size"] for one in sample.strata}
    again = rules.draw(sample.members, sizes, str(sample.seed))
    invited = Invitation.objects.filter(survey=sample.survey_id).values_list("stratum", "contact")
    return {(name, pk) for name in again for pk in again[name]} == set(invited)
