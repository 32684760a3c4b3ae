"""What was promised to a customer for a service at a moment, for one question and for batches; and new versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from comity.agreements.models import TOWARDS_CUSTOMERS, Agreement, AgreementVersion, Service, Target
from comity.agreements.rules import Promise, binding
from comity.clocks.models import calendars, standard
from comity.clocks.rules import Duration, WorkingCalendar
from comity.documents.operations import take_effect
from comity.parties.rules import Place, Shelf
from comity.records import write
from comity.records.forms import plain_value
from comity.records.kind import kind_of
from comity.records.remembered import Remembered
from comity.records.write import Actor


@dataclass(frozen=True)
class Commitment:
    """What binds for one piece of work: the version (its id), the calendar it is counted in, and the time limits."""

    version_id: int | None
    calendar: WorkingCalendar
    promise: Promise | None = None

    def times(self, severity: str) -> dict[str, Duration]:
        return self.promise.times(severity) if self.promise else {}


class Commitments:
    """All that was ever agreed towards customers, in memory: asked any number of times without a query."""

    def __init__(
        self, agreed: Shelf[list[Promise]], calendars: Mapping[int, WorkingCalendar], default: WorkingCalendar
    ) -> None:
        self._agreed, self._calendars, self._default = agreed, calendars, default
        self._zone = ZoneInfo(str(default.zone))

    @classmethod
    def load(cls) -> Commitments:
        """Two small questions, as long as nothing was agreed since the last time."""
        return cls(_agreed(), *calendars())

    def of(self, customer: Place | None, service: int | None, at: datetime) -> Commitment:
        """What binds towards the customer for the service (its id) at that moment. Never fails: without an agreement
        the version is None, the limits are empty, and the calendar is the organisation's."""
        promise = binding(self._agreed.concerning(customer), customer, service, at.astimezone(self._zone).date())
        if promise is None:
            return Commitment(None, self._default)
        calendar = self._default if promise.calendar is None else self._calendars[promise.calendar]
        return Commitment(promise.pk, calendar, promise)


def _promise(row: AgreementVersion) -> Promise:
    ends = [day for day in (row.ends_on, row.ended_on) if day]
    limits = {(t.metric, t.severity): Duration(t.value, t.unit_of_value) for t in row.limits_named}  # type: ignore[attr-defined]
    return Promise(
        pk=row.pk,
        agreement=row.agreement_id,
        version_no=row.version_no,
        effective_on=row.effective_on,  # type: ignore[arg-type]
        ends_on=min(ends, default=None),
        charter=row.agreement.type == Agreement.Type.CHARTER,
        customers=frozenset(customer.pk for customer in row.agreement.parties_named),  # type: ignore[attr-defined]
        segments=frozenset(() if row.agreement.segment_id is None else (row.agreement.segment_id,)),
        services=frozenset(service.pk for service in row.services_named),  # type: ignore[attr-defined]
        calendar=row.calendar_id,
        limits=limits,
    )


def _read() -> Shelf[list[Promise]]:
    """Every version that was ever agreed, by agreement, kept by whom it names."""
    rows = AgreementVersion.objects.filter(
        agreed_at__isnull=False, effective_on__isnull=False, agreement__type__in=TOWARDS_CUSTOMERS
    )
    full = rows.select_related("agreement").prefetch_related(
        Prefetch("agreement__customers", to_attr="parties_named"),
        Prefetch("services", Service.objects.only("pk"), to_attr="services_named"),
        Prefetch("targets", Target.objects.filter(unit_of_value__in=Target.TIMES), to_attr="limits_named"),
    )
    agreements: dict[int, list[Promise]] = {}
    for row in full:
        agreements.setdefault(row.agreement_id, []).append(_promise(row))
    shelf: Shelf[list[Promise]] = Shelf()
    for versions in agreements.values():
        shelf.put(versions, versions[0].customers, versions[0].segments)
    return shelf


_agreed = Remembered(_read, "agreement", "agreement_version", "target")


def commitment(customer: Place | None, service: Service | None, at: datetime) -> Commitment:
    """The same for a single question."""
    return Commitments.load().of(customer, service.pk if service else None, at)


def version_in_force(customer: Place | None, service: Service | None, at: datetime) -> AgreementVersion | None:
    """The version that binds towards the customer for the service at that moment, or None."""
    found = commitment(customer, service, at).version_id
    return AgreementVersion.objects.select_related("agreement", "calendar").get(pk=found) if found else None


def targets_for(version: AgreementVersion | None, severity: str) -> dict[str, Duration]:
    """Time limits of a version by metric, for a severity."""
    if version is None:
        return {}
    rows = version.targets.filter(unit_of_value__in=Target.TIMES, severity__in=("", severity)).order_by("severity")
    return {row.metric: Duration(row.value, row.unit_of_value) for row in rows}  # type: ignore[arg-type]


def calendar_of(version: AgreementVersion | None) -> WorkingCalendar:
    """The calendar in which a version's time is counted: its own, else the organisation's."""
    return version.calendar.rules() if version and version.calendar else standard()


def revise(version: AgreementVersion, *, actor: Actor, reason: str) -> AgreementVersion:
    """Draft the next version with services, calendar, targets and clauses of this one. The old one stays as it is."""
    new: AgreementVersion = write.create(
        kind_of(version),
        {
            "agreement": version.agreement.ref,
            "services": [service.ref for service in version.services.all()],
            "calendar": str(version.calendar or ""),
            "change_reason": reason,
            "author": actor.person.email,
        },
        actor=actor,
    )
    for part in (*version.targets.order_by("pk"), *version.clauses.order_by("pk")):
        kind = kind_of(part)
        plain = {name: plain_value(part, name) for name in kind.fields}
        write.create(kind, {**plain, "agreement_version": new.ref}, actor=actor)
    return new


def start(version: AgreementVersion) -> None:
    """An agreed version comes into force; the one before is superseded, not changed."""
    take_effect(version, "start", of="agreement")
