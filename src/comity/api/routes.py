"""The operations, written once for all kinds. Each reads through `records.reading` or calls `records.write`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from json import dumps
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.exceptions import BadRequest, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Body, File, Router, Schema
from ninja.files import UploadedFile
from pydantic import ConfigDict, Field

from comity.accounts.rights import rights_of
from comity.api.door import inside, kind_for, person_of, record_for
from comity.api.models import IdempotencyKey
from comity.api.problems import pointed
from comity.api.shape import mistyped, shown, stored
from comity.records import reading, write
from comity.records.access import NotAllowed, NotReadable, may, readable
from comity.records.bulk import create_many
from comity.records.files import files_of, path_of
from comity.records.forms import messages_of, plain
from comity.records.kind import Kind, kind_named, kinds
from comity.records.models import File as StoredFile
from comity.records.models import Link, Term

router = Router()
KEY = re.compile(r"[!-~]{1,200}")
DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
PARAMETERS = {"q", "sort", "after", "limit", "archived"}
Data = dict[str, Any]
Answer = tuple[int, Data, str]  # status, body, location
Big = Annotated[int, Field(ge=1, le=2**63 - 1)]
Limit = Annotated[int, Field(ge=1, le=200)]
LONG_AGO = datetime.fromisoformat("1900-01-01T00:00:00Z")


class Step(Schema):
    """A step of the workflow: the version it was decided on, and what the step asks for."""

    model_config = ConfigDict(extra="forbid")
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    note: Annotated[str, Field(max_length=20_000)] = ""
    happened_at: Annotated[datetime | None, Field(ge=LONG_AGO, description="If not now.")] = None
    data: Data = {}


class Words(Schema):
    """A note on the timeline, on request one that the customer sees."""

    model_config = ConfigDict(extra="forbid")
    body: Annotated[str, Field(min_length=1, max_length=20_000)]
    public: bool = False


class Tie(Schema):
    """A tie to another record, named by its reference."""

    model_config = ConfigDict(extra="forbid")
    to: Annotated[str, Field(max_length=20)]
    verb: Annotated[str, Field(max_length=40, pattern="^[a-z_]+$")] = "relates_to"


def answer(body: Any, status: int = 200, location: str = "", **headers: str) -> HttpResponse:
    text = body if isinstance(body, str) else dumps(body, ensure_ascii=False, separators=(",", ":"))
    headers |= {"Location": location} if location else {}
    return HttpResponse(text, status=status, content_type="application/json", headers=headers)


def once(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """Act and answer; with an Idempotency-Key, a repetition gets the first answer again, whatever broke between.

    The answer is kept in the transaction of the work. Where two repetitions run side by side, the second one's work
    fails on the key and is undone with it. What was refused is not kept: it left nothing behind.
    """

    @wraps(view)
    def act(request: HttpRequest, **values: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            status, body, location = view(request, **values)
            return answer(body, status, location)
        if not KEY.fullmatch(key):
            raise BadRequest(_("An Idempotency-Key has 1 to 200 printable characters."))
        uploads: Any = request.FILES.values()
        files = [(file.name, sha256(file.read()).hexdigest()) for file in uploads]
        asked = sha256(repr((request.path, files or request.body)).encode()).hexdigest()
        keys = IdempotencyKey.objects.filter(person=person_of(request), key=key)
        try:
            with transaction.atomic():
                kept, headers = keys.first(), {"Idempotency-Replayed": "true"}
                if kept is None:
                    status, body, location = view(request, **values)
                    text, headers = dumps(body, ensure_ascii=False, separators=(",", ":")), {}
                    kept = IdempotencyKey(person=person_of(request), key=key, hash=asked, at=timezone.now())
                    kept.status, kept.body, kept.location = status, text, location
                    kept.save(force_insert=True)
        except IntegrityError:
            if (kept := keys.first()) is None:
                raise
            headers = {"Idempotency-Replayed": "true"}
        if kept.hash != asked:
            raise ValidationError(_("This Idempotency-Key was used for another request."))
        return answer(kept.body, kept.status, kept.location, **headers)

    return act


def actor_of(request: HttpRequest) -> write.Actor:
    return write.Actor(person_of(request), via="api")


def one(record: Any) -> Data:
    return shown(record.kind, [record])[0]


def address(record: Any) -> str:
    return f"/api/v1/{record.kind.path}/{record.ref}"


def well_typed(kind: Kind, data: Data) -> Data:
    if wrong := mistyped(kind, data):
        raise ValidationError(wrong)
    return data


@router.get("/me", operation_id="me")
def me(request: HttpRequest) -> HttpResponse:
    """Who asks, the roles held now, the token's scopes, and the kinds with what may be done."""
    person, token = person_of(request), getattr(request, "token", None)
    can = [{"kind": k.name, "path": k.path, **{v: may(person, k, v) for v in ("read", "create")}} for k in kinds()]
    body = {name: getattr(person, name) for name in ("email", "name", "language", "time_zone", "acting_group")}
    return answer({**body, "roles": sorted(rights_of(person).roles), "scopes": token and token.scopes, "kinds": can})


@router.get("/terms", operation_id="terms")
def terms(request: HttpRequest, list: Annotated[str, Field(max_length=40)] = "") -> HttpResponse:
    """The lookup lists, or one of them."""
    inside(request)
    rows = Term.objects.filter(list=list) if list else Term.objects.all()
    return answer({"items": [*rows.values("list", "code", "label", "label_zh", "active")]})


def _sensible(form: str, value: str) -> bool:
    """A date that is none, or a flag that is neither yes nor no, is told and not taken for a value without rows."""
    return bool(DAY.fullmatch(value)) if form == "date" else form != "flag" or value in ("yes", "no")


@router.get("/{plural}", operation_id="list__kind")
def register(
    request: HttpRequest,
    plural: str,
    q: Annotated[str, Field(max_length=400, description="Words to search for.")] = "",
    sort: Annotated[str, Field(max_length=60, description="A column; with “-” before it, from high to low.")] = "",
    after: Annotated[str, Field(max_length=1000, description="`next` of the page before.")] = "",
    limit: Limit = reading.PAGE,
    archived: Annotated[Literal["yes", "no"], Field(description="Archived records instead.")] = "no",
) -> HttpResponse:
    """A page of the register: the newest first, or as `sort` says."""
    kind = kind_for(request, plural, "read")
    page = reading.register(kind, person_of(request), request.GET, limit, names=stored(kind))
    unknown = request.GET.keys() - PARAMETERS - {asked.name for asked in page.filters}
    unknown |= {
        asked.name for asked in page.filters if not all(_sensible(asked.input, value) for value in asked.values)
    }
    if unknown:
        raise BadRequest(_("There is no filter “%(name)s” here, or not with this value.") % {"name": min(unknown)[:60]})
    return answer({"items": shown(kind, page.rows), "next": page.older or None, "count": page.count, "more": page.more})


@router.post("/{plural}", operation_id="create__kind", openapi_extra={"x-body": "New"})
@once
def create(request: HttpRequest, plural: str, data: Body[Data]) -> Answer:
    """Register a record."""
    kind = kind_for(request, plural, "write")
    if not may(person_of(request), kind, "create"):
        raise NotAllowed("create")
    record = write.create(kind, well_typed(kind, data), actor=actor_of(request))
    return 201, one(record), address(record)


@router.post("/{plural}/bulk", operation_id="create_many__kind", openapi_extra={"x-body": "Many"})
@once
def bulk(request: HttpRequest, plural: str, rows: Body[Annotated[list[Data], Field(max_length=1000)]]) -> Answer:
    """Register up to 1,000 records. Rows with errors are reported and stop nothing else."""
    kind = kind_for(request, plural, "write")
    wrong = {index: errors for index, row in enumerate(rows) if (errors := mistyped(kind, row))}
    good = [index for index in range(len(rows)) if index not in wrong]
    with transaction.atomic():
        done = create_many(kind, [rows[index] for index in good], actor=actor_of(request), batch=1000)
    wrong |= {good[index]: errors for index, errors in done.errors}
    results: list[Data] = [{"index": index, "errors": pointed(errors)} for index, errors in wrong.items()]
    results += [{"index": good[index], "ref": record.ref, "version": record.version} for index, record in done.created]
    results.sort(key=lambda result: result["index"])
    return 200, {"created": len(done.created), "refused": len(wrong), "results": results}, ""


@router.get("/{plural}/{ref}", operation_id="read__kind")
def read(request: HttpRequest, plural: str, ref: str) -> HttpResponse:
    """One record."""
    record = record_for(request, plural, ref)
    write.record_read(record, actor_of(request))
    return answer(one(record))


@router.patch("/{plural}/{ref}", operation_id="change__kind", openapi_extra={"x-body": "Change"})
def change(request: HttpRequest, plural: str, ref: str, data: Body[Data]) -> HttpResponse:
    """Change fields; those left out keep their value. `version` is the one that was read."""
    record, version = record_for(request, plural, ref, "write"), data.pop("version", None)
    if not may(person_of(request), record, "edit"):
        raise NotAllowed("edit")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ValidationError({"version": _("Give the version of the record that you read.")})
    return answer(one(write.update(record, well_typed(record.kind, data), actor=actor_of(request), version=version)))


@router.get("/{plural}/{ref}/transitions", operation_id="steps_of__kind")
def steps(request: HttpRequest, plural: str, ref: str) -> HttpResponse:
    """The steps that start in the record's present state, with what is still missing for each."""
    record = record_for(request, plural, ref)
    found = record.kind.workflow.available(record, actor_of(request)) if record.kind.workflow else ()
    items = [
        {"name": move.name, "label": str(move.label), "help": str(move.help), "target": move.target_of(record),
         "allowed": step.allowed, "missing": step.missing, "note": move.note, "requires": move.requires,
         "asks": [*move.asks, *(move.form.base_fields if move.form else ())]}
        for step in found if (move := step.move)
    ]  # fmt: skip
    return answer({"version": record.version, "items": items})


@router.post("/{plural}/{ref}/transitions/{name}", operation_id="step_of__kind")
@once
def take(request: HttpRequest, plural: str, ref: str, name: str, step: Step) -> Answer:
    """Take a step of the workflow."""
    record = record_for(request, plural, ref, "write")
    occasion: Any = {"version": step.version, "note": step.note, "happened_at": step.happened_at}
    try:
        moved = write.transition(record, name, well_typed(record.kind, step.data), actor=actor_of(request), **occasion)
    except KeyError as unknown:
        raise NotReadable(name) from unknown
    except ValidationError as error:
        found = messages_of(error).items()
        raise ValidationError({key if key in occasion else f"data/{key}": texts for key, texts in found}) from error
    return 200, one(moved), ""


@router.get("/{plural}/{ref}/timeline", operation_id="timeline_of__kind")
def timeline(
    request: HttpRequest,
    plural: str,
    ref: str,
    only: Literal["", "posts", "files", "steps", "changes", "automatic"] = "",
    below: Annotated[Big | None, Field(description="`next` of the page before.")] = None,
    limit: Limit = reading.PAGE,
) -> HttpResponse:
    """What happened to the record, the newest first."""
    record = record_for(request, plural, ref)
    write.record_read(record, actor_of(request))
    rows = reading.timeline(record, only, below, limit + 1, person_of(request))
    names = ("id", "at", "happened_at", "actor", "role", "via", "act", "rule", "public")
    items = [
        {**{name: plain(getattr(row, name)) for name in names}, "note": row.words, "changes": row.fields_changed}
        for row in rows[:limit]
    ]
    return answer({"items": items, "next": items[-1]["id"] if len(rows) > limit else None})


@router.post("/{plural}/{ref}/posts", operation_id="post_on__kind")
@once
def post(request: HttpRequest, plural: str, ref: str, words: Words) -> Answer:
    """Write on the timeline."""
    record = record_for(request, plural, ref, "write")
    entry = write.post(record, words.body, actor=actor_of(request), public=words.public)
    return 201, {"id": entry.pk, "at": plain(entry.at)}, f"{address(record)}/timeline"


def _file(file: StoredFile) -> Data:
    return {"id": str(file.pk), "name": file.name, "size": file.size, "sha256": file.sha256, "at": plain(file.at)}


@router.get("/{plural}/{ref}/files", operation_id="files_of__kind")
def files(request: HttpRequest, plural: str, ref: str) -> HttpResponse:
    """The files kept with the record."""
    return answer({"items": [_file(file) for file in files_of(record_for(request, plural, ref))]})


@router.post("/{plural}/{ref}/files", operation_id="attach_to__kind")
@once
def attach(request: HttpRequest, plural: str, ref: str, file: File[UploadedFile]) -> Answer:
    """Keep a file with the record."""
    record = record_for(request, plural, ref, "write")
    kept = write.attach(record, file, actor=actor_of(request))
    return 201, _file(kept), f"{address(record)}/files/{kept.pk}"


@router.get("/{plural}/{ref}/files/{id}", operation_id="file_of__kind")
def download(request: HttpRequest, plural: str, ref: str, id: UUID) -> Any:
    """The file itself, always as an attachment."""
    record = record_for(request, plural, ref)
    file = next((one for one in files_of(record) if one.pk == id), None)
    if file is None:
        raise NotReadable(str(id))
    write.record_read(record, actor_of(request))
    content = path_of(file).open("rb")
    return FileResponse(content, as_attachment=True, filename=file.name, content_type="application/octet-stream")


def _tie(tie: Link) -> Data:
    return {"id": tie.pk, "from": tie.from_ref, "verb": tie.verb, "to": tie.to_ref, "at": plain(tie.at)}


@router.get("/{plural}/{ref}/links", operation_id="links_of__kind")
def links(request: HttpRequest, plural: str, ref: str) -> HttpResponse:
    """The ties to other records, from both ends; those to a record that the person may not read are left out."""
    record = record_for(request, plural, ref)
    here = (record.kind.name, record.pk)
    ties = Link.objects.filter(Q(from_kind=here[0], from_id=here[1]) | Q(to_kind=here[0], to_id=here[1])).order_by("id")
    far = {
        tie: next(end for end in ((tie.from_kind, tie.from_id), (tie.to_kind, tie.to_id)) if end != here)
        for tie in ties
    }
    seen: dict[str, set[int]] = {}
    for name in {name for name, _id in far.values()}:
        ids = [pk for kind, pk in far.values() if kind == name]
        seen[name] = set(readable(kind_named(name), person_of(request)).filter(pk__in=ids).values_list("pk", flat=True))
    return answer({"items": [_tie(tie) for tie, (name, pk) in far.items() if pk in seen[name]]})


@router.post("/{plural}/{ref}/links", operation_id="link__kind")
@once
def link(request: HttpRequest, plural: str, ref: str, tie: Tie) -> Answer:
    """Tie another record to this one. A second time changes nothing."""
    record = record_for(request, plural, ref, "write")
    near = (readable(kind, person_of(request)) for kind in kinds() if kind.ref == tie.to.rpartition("-")[0])
    other = next((found for rows in near if (found := rows.filter(ref=tie.to).first())), None)
    if other is None or other == record:
        raise ValidationError({"to": _("“%(ref)s” is not known here, or may not be read by you.") % {"ref": tie.to}})
    return 201, _tie(write.link(record, tie.verb, other, actor=actor_of(request))), f"{address(record)}/links"


@router.delete("/{plural}/{ref}/links/{id}", operation_id="unlink__kind")
def unlink(request: HttpRequest, plural: str, ref: str, id: Big) -> HttpResponse:
    """Take a tie that starts here away; the timeline keeps that it was there."""
    record = record_for(request, plural, ref, "write")
    tie = Link.objects.filter(pk=id, from_kind=record.kind.name, from_id=record.pk).first()
    if tie is None:
        raise NotReadable(str(id))
    write.unlink(tie, record, actor=actor_of(request))
    return HttpResponse(status=204)
