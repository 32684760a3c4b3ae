"""The least body that makes a record of any kind, read off the kind's own description."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from comity.accounts.models import Person
from comity.api.shape import entered, required
from comity.compliance.catalogue import exclusion_barred, requirements
from comity.records import write
from comity.records.kind import Kind, is_kind, kind_named, kind_of
from comity.records.models import Term
from comity.records.trail import Actor

ASKED = {  # what a form asks for beyond its description
    "contact": ("customer",),
    "responsibility": ("customer",),
    "acceptance": ("person",),
    "case": ("customer", "service", "wanted_remedy", "anonymous"),
    "macro": ("note",),
    "review": ("type",),
    "clause": ("text",),
    "service_requirement": ("customer",),
    "claim": ("target",),
    "measurement": ("kpi",),
    "scorecard_line": ("kpi",),
    "form_question": ("label",),
    "finding": ("requirement",),
    "improvement": ("requirement",),
}
_turn = count()
MONTH = {"period_from": "2026-03-01", "period_to": "2026-03-31"}
RAISED = {  # registered by nobody: a step of another record raises it, or a rule makes it
    "escalation": ("case", "escalate_inside"), "survey_sample": None, "survey_response": None,
}  # fmt: skip


def body(machine: Any, kind: Kind) -> dict[str, Any]:
    """Values for what is required; records that they refer to are made."""
    names = dict.fromkeys((*required(kind), *ASKED.get(kind.name, ())))
    given = {name: value(machine, kind, name) for name in names}
    if kind.name == "referral":  # its customer agrees that somebody outside looks at the case
        case = created(machine, kind_named("case"))
        given |= {"case": case["ref"], "consent": heard(machine, customer=case["customer"])}
    if kind.name == "consent":
        contact = created(machine, kind_named("contact"))
        said = heard(machine, customer=contact["customer"], contact=contact["ref"])
        given |= {"contact": contact["ref"], "proof_ref": said}
    return given


def heard(machine: Any, **by: str) -> str:
    """The reference of a message from outside."""
    said = body(machine, kind_named("communication"))
    said.pop("contact", None)
    answer = machine("POST", "communications", said | {"direction": "inbound"} | by)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["ref"])


def value(machine: Any, kind: Kind, name: str) -> Any:
    field, schema = kind.field(name), entered(kind)[name]
    target: Any = field.related_model
    if target is not None:
        one = is_kind(target) and created(machine, kind_of(target))["ref"]
        if target is Person:
            one = Person.objects.create_user(f"sample{Person.objects.count()}@example.org", name="Sample").email
            one = machine("GET", "me").json()["email"] if kind.name == "acceptance" else one
        elif target is Term:
            limits = field.get_limit_choices_to()  # type: ignore[attr-defined]
            one = Term.objects.get_or_create(**limits, code="sample", label="Sample")[0].code
        return [one] if field.many_to_many else one
    if name == "version_ref":
        return created(machine, kind_named("agreement_version"))["ref"]
    if name in ("object_ref", "subject_ref"):
        return created(machine, kind_named("customer"))["ref"]
    if name == "requirement":
        return requirement()
    if name == "ends_on" and kind.name == "waiver":
        return (timezone.localdate() + timedelta(days=90)).isoformat()
    if name in MONTH:
        return MONTH[name]
    if "type" not in schema:
        return ["email"]
    if schema.get("enum"):
        return schema["enum"][0]
    plain = {"date": "2026-03-02", "date-time": "2026-03-02T09:00:00Z"}.get(schema.get("format", ""), "sample")
    if field.get_internal_type() == "EmailField":
        plain = "sample@example.org"
    types: dict[str, Any] = {"string": plain, "integer": max(1, schema.get("minimum", 1)), "number": 1, "boolean": True}
    kind_of_value = schema.get("type", "")
    return types.get(kind_of_value if isinstance(kind_of_value, str) else kind_of_value[0], {})


def requirement() -> str:
    """One that can be decided upon, another each time."""
    free = [one.id for one in requirements().values() if not exclusion_barred(one) and one.use.rule != "same_as"]
    return free[next(_turn) % len(free)]


def created(machine: Any, kind: Kind) -> dict[str, Any]:
    """A new record of the kind, through the interface."""
    if kind.name in RAISED:
        return raised(machine, kind)
    answer = machine("POST", kind.path, body(machine, kind))
    assert answer.status_code == 201, f"{kind.name}: {answer.status_code} {answer.content.decode()}"
    made: dict[str, Any] = answer.json()
    return made


def raised(machine: Any, kind: Kind) -> dict[str, Any]:
    """A new record of a kind that a step of another record raises, or a rule."""
    if (by := RAISED[kind.name]) is None:
        made = write.create(kind, body(machine, kind), actor=Actor.system("sample", "api"))
        answered: dict[str, Any] = machine("GET", f"{kind.path}/{made.ref}").json()
        return answered
    name, step = by
    other = kind_named(name)
    cause = created(machine, other)
    taken = {"version": cause["version"], "note": "Raised by a step."}
    answer = machine("POST", f"{other.path}/{cause['ref']}/transitions/{step}", taken)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = machine("GET", f"{kind.path}?sort=-entered_at").json()["items"][0]
    assert found[name] == cause["ref"]
    return found
