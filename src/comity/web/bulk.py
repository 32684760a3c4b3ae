"""One act over many records: at once while they are few, by a job with progress and a list of refusals otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from comity.accounts.models import Person
from comity.accounts.rights import rights_of
from comity.jobs.models import Job
from comity.records import reading, write
from comity.records.access import readable
from comity.records.forms import form_class
from comity.records.kind import Kind, kind_named
from comity.records.models import Entry
from comity.records.write import Actor
from comity.web import cells, writing
from comity.web.gate import actor_of, go, page, person_of
from comity.web.models import Bulk
from comity.web.record import line

AT_MOST = 1000
AT_ONCE = 100  # more than these are a job's
TOGETHER = 10  # records of one transaction of the job
SHOWN = 200
TRIED = 20  # records of a preview


@dataclass(frozen=True)
class Act:
    """An act on many records that a room adds: what it offers for a kind, what it asks, and what it does to one.

    `do` may raise whatever the write path raises, and each record is its own transaction. Where it has a `page` of its
    own, the list leads there with the one row that is ticked.
    """

    verb: str
    heading: str | Promise
    offered: Callable[[Kind, Person], dict[str, str]]  # name of each choice and its label
    do: Callable[[Any, str, Mapping[str, Any], str, Actor], object] | None = None  # record, name, values, note
    form: Callable[[Any], forms.Form] | None = None
    page: Callable[[Any], str] | None = None


_added: dict[str, Act] = {}


def act(one: Act) -> Act:
    """Let a room add an act on many; called in its pages."""
    _added[one.verb] = one
    return one


@cells.each_language
def _fields(kind: Kind) -> dict[str, str]:
    return {f"edit:{name}": cells.capital(f.verbose_name) for name in kind.fields if (f := cells.field_of(kind, name))}


def acts(request: HttpRequest, kind: Kind) -> dict[str, dict[str, str]]:
    """What this person may do to many records at once: steps of the workflow, or one field of them all."""
    rights = rights_of(person_of(request))
    moves = kind.workflow.moves if kind.workflow else ()
    steps = {f"step:{m.name}": cells.step_label(m) for m in moves if rights.roles & set(m.by) and not m.form}
    found = {_("Step"): steps, _("Change"): _fields(kind) if rights.may(kind.rules.handle, "edit") else {}}
    for one in _added.values():
        found[str(one.heading)] = {f"{one.verb}:{n}": t for n, t in one.offered(kind, person_of(request)).items()}
    return {heading: acts for heading, acts in found.items() if acts}


@require_POST
@page
def ask(request: HttpRequest, kind: Kind) -> HttpResponse:
    """One act over the ticked records: first what it needs and whom it concerns, then what became of each."""
    person, act, query = person_of(request), request.POST.get("do", ""), request.POST.get("query", "")
    labels = {key: label for found in acts(request, kind).values() for key, label in found.items()}
    if act not in labels:
        raise BadRequest("do")
    if request.POST.get("all"):
        records = list(reading.every(kind, person, QueryDict(query), AT_MOST))
    else:
        refs = request.POST.getlist("tick") or request.POST.get("refs", "").split(",")
        records = list(readable(kind, person).filter(ref__in=refs[:AT_MOST]).order_by("ref"))
    verb, _sep, name = act.partition(":")
    added = _added.get(verb)
    if added and added.page:
        if len(records) == 1:
            return go(request, added.page(records[0]))
        alone = {"kind": kind, "query": query, "label": labels[act], "alone": True}
        return render(request, "web/bulk.html", alone, status=422)
    data = request.POST if "confirm" in request.POST else None
    move = kind.workflow[name] if verb == "step" and kind.workflow else None
    form: Any
    if added:
        form = added.form(data) if added.form else None
    else:
        form = writing.step_form(kind, move, data, person) if move else form_class(kind, (name,))(data, person=person)
    occasion = writing.Occasion(data, bool(move and move.note))
    context = {
        "kind": kind, "records": records, "refs": ",".join(record.ref for record in records), "do": act, "query": query,
        "label": labels[act], "form": form, "occasion": occasion, "later": len(records) > AT_ONCE,
    }  # fmt: skip
    if data is not None and records and occasion.is_valid():
        values, note = writing.typed(form, form.fields) if form else {}, request.POST.get("note", "")
        if "preview" in request.POST:
            context["preview"] = [rehearse(record, act, values, note, actor_of(request)) for record in records[:TRIED]]
            return render(request, "web/bulk.html", context)
        if len(records) > AT_ONCE:
            run = Bulk(person=person, kind=kind.name, act=act, label=labels[act], values=values, note=note, query=query)
            run.refs = [record.ref for record in records]
            return go(request, _begin(run))
        results = [(record, do(record, act, values, note, actor_of(request))) for record in records]
        failed = [(f"{record.ref} {record}", record.url, why) for record, why in results if why]
        context |= {"finished": True, "failed": failed, "done": len(records) - len(failed)}
    return render(request, "web/bulk.html", context)


def do(record: Any, act: str, values: Mapping[str, Any], note: str, actor: Actor) -> list[str]:
    """The act on one record, in its own transaction; the reasons if it was refused."""
    verb, _sep, name = act.partition(":")
    try:
        if (added := _added.get(verb)) and added.do:
            with transaction.atomic():
                added.do(record, name, values, note, actor)
        elif verb == "step":
            write.transition(record, name, values, actor=actor, note=note)
        else:
            write.update(record, values, actor=actor, note=note)
    except ValidationError as error:
        return [text for texts in writing.errors_of(error).values() for text in texts]
    except write.Refused as refused:
        return list(refused.missing)
    except (write.NotAllowed, write.NotReadable):
        return [_("You may not do this with it.")]
    return []


def rehearse(record: Any, act: str, values: Mapping[str, Any], note: str, actor: Actor) -> dict[str, Any]:
    """What the act would write on one record's timeline, or why not: done and taken back."""
    kind = record.kind
    with transaction.atomic():
        trail = Entry.objects.filter(kind=kind.name, record_id=record.pk).order_by("-pk")
        last = trail.values_list("pk", flat=True).first() or 0
        why = do(record, act, values, note, actor)
        entries = [] if why else list(trail.filter(pk__gt=last).order_by("pk"))
        called = cells.called(kind, entries)
        lines = [line(kind, entry, called) for entry in entries]
        transaction.set_rollback(True)
    return {"record": record, "why": why, "lines": lines}


# --- in the background -----------------------------------------------------------------------------------------------


@transaction.atomic
def _begin(run: Bulk) -> str:
    """Let the worker do what is left; where to follow it."""
    from comity.web.jobs import work_off as task

    run.state, run.finished_at = Bulk.State.RUNNING, None
    run.save()
    job = task.enqueue(run.pk)
    Bulk.objects.filter(pk=run.pk).update(job_id=int(job.id) if str(job.id).isdecimal() else None)
    return f"/bulk/{run.pk}/"


def work_off(run: Bulk, progress: Callable[[int, int], None]) -> None:
    """Do what is left, as its person, in that person's words and zone; a few records to a transaction.

    The checkpoint moves with what was done, and only where nobody else moved it: nothing is done twice, and a run that
    was stopped stays so.
    """
    person, kind = run.person, kind_named(run.kind)
    rows = readable(kind, person)
    with override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        while run.done < run.total:
            progress(run.done, run.total)
            part = run.refs[run.done : run.done + TOGETHER]
            with transaction.atomic():
                before, found = run.done, {record.ref: record for record in rows.filter(ref__in=part)}
                for ref in part:
                    known = found.get(ref)
                    actor = Actor(person, via="web")
                    why = (
                        do(known, run.act, run.values, run.note, actor)
                        if known
                        else [_("You may not read it any more.")]
                    )
                    run.failed += [[ref, why]] if why else []
                run.done += len(part)
                here = Bulk.objects.filter(pk=run.pk, state=Bulk.State.RUNNING, done=before)
                if not here.update(done=run.done, failed=run.failed):
                    transaction.set_rollback(True)
                    return
        ended = Bulk.objects.filter(pk=run.pk, state=Bulk.State.RUNNING)
        ended.update(state=Bulk.State.DONE, finished_at=timezone.now())


def _own(request: HttpRequest, pk: int) -> Bulk:
    found = Bulk.objects.filter(pk=pk, person=person_of(request)).first()
    if found is None:
        raise Http404
    return found


@page
def runs(request: HttpRequest) -> HttpResponse:
    """One's own acts on many, newest first."""
    rows = Bulk.objects.filter(person=person_of(request))[:50]
    return render(request, "web/bulk_runs.html", {"rows": rows})


@page
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and what was left as it is and why."""
    run = _own(request, pk)
    job = Job.objects.filter(pk=run.job_id).first() if run.job_id else None
    active = run.state == Bulk.State.RUNNING and (job is None or job.state in (Job.State.READY, Job.State.RUNNING))
    kind = kind_named(run.kind)
    context = {
        "run": run,
        "kind": kind,
        "active": active,
        "broken": not active and run.state != Bulk.State.DONE,
        "failed": [(ref, f"{kind.url}{ref}/", why) for ref, why in run.failed[:SHOWN]],
        "more": max(0, len(run.failed) - SHOWN),
    }
    template = "web/bulk_run.html#part" if request.headers.get("HX-Request") else "web/bulk_run.html"
    return render(request, template, context)


@require_POST
@page
def steer(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it, or let it go on where it stopped."""
    run, word = _own(request, pk), request.POST.get("act")
    if word == "stop":
        left = Bulk.objects.filter(pk=run.pk, state=Bulk.State.RUNNING)
        left.update(state=Bulk.State.STOPPED, finished_at=timezone.now())
    elif word == "resume" and run.state != Bulk.State.DONE:
        job = Job.objects.filter(pk=run.job_id or 0, state__in=(Job.State.READY, Job.State.RUNNING))
        if run.state == Bulk.State.STOPPED or not job.exists():
            _begin(run)
    return go(request, f"/bulk/{run.pk}/")
