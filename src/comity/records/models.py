"""The tables of the kernel: the record every kind extends, the audit trail with its seal, and what hangs on records."""

from __future__ import annotations

import contextlib
import contextvars
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.base import ModelState
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from comity.accounts.whole import whole

if TYPE_CHECKING:
    from comity.records.kind import Kind

M = TypeVar("M", bound=models.Model)
_writing: contextvars.ContextVar[bool] = contextvars.ContextVar("writing", default=False)


class DirectWrite(RuntimeError):
    """A record was about to be changed outside `comity.records.write`, without permission check or evidence."""


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Open the guarded models for the length of the block. Only `records.write` and `records.bulk` may use it."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def _refuse() -> None:
    if not _writing.get():
        raise DirectWrite("Records are written through comity.records.write only.")


class GuardedQuerySet(models.QuerySet[M]):
    """A queryset that can be read by anybody and written by the write path alone."""

    looked_at: tuple[str, ...] = ()  # columns that the rows themselves look at while they are read

    def update(self, **values: Any) -> int:
        _refuse()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        _refuse()
        return super().delete()

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[M]:
        _refuse()
        return super().bulk_create(objs, *args, **kwargs)

    def whole(self) -> list[M]:
        """These rows with all their columns, in no order: in less time where the table is wide."""
        return whole(self)

    def sole(self) -> M | None:
        """The one row that meets the conditions; None where there is none."""
        return next(iter(self.whole()), None)


Settled = Mapping[str, str | Promise]  # names of fields, and why they no longer change


class Record(models.Model):
    """Base of every kind: readable reference, unit, owner, version for the optimistic lock, entry and archiving times.

    Times are UTC. `entered_at` says when the fact was entered; each kind has its own column for when it happened.
    """

    meaning: ClassVar[str | Promise] = ""  # what such a record is for, told where there is none yet
    named_by: ClassVar[tuple[str, ...]] = ()  # the columns of its words, so that a register reads no more of it
    ties: ClassVar[frozenset[str]] = frozenset()  # verbs of links that mean something here: only its own acts tie them
    in_panels: frozenset[str] = frozenset()  # columns that a panel of the page shows, so that its facts need not
    hidden: frozenset[str] = frozenset()  # columns that whoever reads this record now must not see, at any door

    ref = models.CharField(_("reference"), max_length=20, unique=True, editable=False)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+", verbose_name=_("unit"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("owner")
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    entered_at = models.DateTimeField(_("entered"), editable=False, db_index=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("entered by")
    )
    changed_at = models.DateTimeField(_("changed"), editable=False)
    moved_at = models.DateTimeField(_("last step"), null=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    objects = GuardedQuerySet.as_manager()

    if TYPE_CHECKING:
        unit_id: int
        owner_id: int | None
        entered_by_id: int

    class Meta:
        abstract = True

    @property
    def kind(self) -> Kind:
        from comity.records.kind import kind_of

        return kind_of(self)

    @property
    def watched(self) -> bool:
        """Whether every reading of this record leaves a line in the trail."""
        return False

    @property
    def url(self) -> str:
        return f"/{self.kind.path}/{self.ref}/"

    def settled(self) -> Settled:
        """Fields that an edit no longer changes, each with the reason; pages show them as facts, doors refuse them."""
        return {}

    def editable(self, person: Any) -> bool:
        """Whether any edit by this person could succeed, as far as the record's own rules go; rights come besides."""
        return bool({*self.kind.fields} - self.settled().keys())

    @property
    def since(self) -> Any:
        """The moment before which no further step can have happened; None where any may."""
        return self.moved_at

    def barred(self, person: Any) -> bool:
        """Whether this person must leave the record unchanged whatever the roles say, because it is about them."""
        return False

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        # A row as it was read: Django would go through all columns of the table, those that were not read too.
        row = cls.__new__(cls)
        row.__dict__.update(zip(field_names, values, strict=True), _state=ModelState())
        row._state.adding, row._state.db = False, db
        return row

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """What a row refers to and was just looked up is there; Django would look it up again."""
        fields: Any = (field for field in self._meta.fields if field.is_relation)
        found = (field.name for field in fields if field.is_cached(self) and not field.get_limit_choices_to())
        super().clean_fields({*(exclude or ()), *found})

    @classmethod
    def entrusted(cls, person: Any, rights: Any) -> models.Q | None:
        """The rows that a dated duty opens to this person where the matrix opens none; None without such a duty."""
        return None

    def save(self, *args: Any, **kwargs: Any) -> None:
        _refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _refuse()
        return super().delete(*args, **kwargs)

    def derive(self, changed: set[str]) -> None:
        """Set the columns that follow from others (deadlines, scores); called before each save."""

    @classmethod
    def registered(cls, records: Sequence[Any], actor: Any) -> None:
        """React to new records in their own transaction (one, or a batch of an import)."""

    def updated(self, changed: set[str], actor: Any) -> None:
        """React to changed fields in the same transaction."""


class Counter(models.Model):
    """The last number given for a prefix. Taken inside the writing transaction, hence without holes."""

    prefix = models.CharField(max_length=20, primary_key=True)
    value = models.BigIntegerField(default=0)


class Entry(models.Model):
    """One line of the audit trail, which is also the timeline. Append-only: the database refuses UPDATE and DELETE,
    except that an erasure blanks words of a sealed line (`records.blanking`).

    No foreign keys: the trail outlives what it speaks of. `changes` holds {field: [old, new]} in plain values.
    `rule` names the rule behind an automatic act; its `note` is then a message to translate, with values under "".
    """

    POST, FILE, READ, AUTO, LINK, PAST = "post", "file", "read", "auto", "link", "past"

    at = models.DateTimeField(_("entered"))
    happened_at = models.DateTimeField(_("happened"))
    actor_id = models.BigIntegerField()
    actor = models.CharField(_("by"), max_length=150)
    role = models.CharField(_("acting as"), max_length=40, blank=True)
    via = models.CharField(_("door"), max_length=10)
    kind = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    ref = models.CharField(_("record"), max_length=20)
    act = models.CharField(_("act"), max_length=60)
    changes = models.JSONField(_("changes"), default=dict)
    note = models.TextField(_("note"), blank=True)
    rule = models.CharField(_("rule"), max_length=80, blank=True)
    public = models.BooleanField(_("visible to the customer"), default=False)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [
            models.Index(fields=["kind", "record_id", "-id"], name="entry_of_record"),
            models.Index(fields=["actor_id", "-id"], name="entry_of_actor"),
            models.Index(fields=["act", "-id"], name="entry_of_act"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} · {self.act}"

    @property
    def words(self) -> str:
        """The note in the reader's language: as written by a person, or translated where a rule wrote it."""
        if not self.rule or not self.note:
            return self.note
        text, values = gettext(self.note), self.changes.get("")
        if not isinstance(values, dict):
            return text
        return text % {name: gettext(word) if isinstance(word, str) and word else word for name, word in values.items()}

    @property
    def fields_changed(self) -> dict[str, list[Any]]:
        return {name: pair for name, pair in self.changes.items() if name}


class Outbox(models.Model):
    """An entry whose effects outside the transaction are still to be done: sealing, notices, webhooks."""

    entry_id = models.BigIntegerField()


class Seal(models.Model):
    """One link of the hash chain over the trail: hash = SHA-256(previous hash, digest of the entry)."""

    seq = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64)


class Blanked(models.Model):
    """An entry whose words an erasure took out: its digest before and after, and the entry that commits to both."""

    entry_id = models.BigIntegerField(db_index=True)
    was = models.CharField(max_length=64)
    now = models.CharField(max_length=64)
    told_in = models.BigIntegerField(db_index=True)


class FormerRow(models.Model):
    """What a row held before it changed or went: written by triggers on every table of evidence, append-only."""

    at = models.DateTimeField(db_index=True)
    table = models.CharField(max_length=63)
    row = models.BigIntegerField()
    act = models.CharField(max_length=1)  # i(nserted), u(pdated), d(eleted)
    was = models.JSONField(default=dict)  # column -> former value, as the database keeps it


class Link(models.Model):
    """A tie between two records that is not ownership: from, verb, to. Shown on both ends."""

    from_kind = models.CharField(max_length=40)
    from_id = models.BigIntegerField()
    from_ref = models.CharField(max_length=20)
    verb = models.CharField(max_length=40)
    to_kind = models.CharField(max_length=40)
    to_id = models.BigIntegerField()
    to_ref = models.CharField(max_length=20)
    at = models.DateTimeField()
    by_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["from_kind", "from_id", "verb", "to_kind", "to_id"], name="link_once")
        ]
        indexes = [models.Index(fields=["to_kind", "to_id"], name="link_back")]


class File(models.Model):
    """An uploaded file. The bytes lie in COMITY_DATA/files under their SHA-256; they are served as attachments only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    name = models.CharField(_("name"), max_length=200)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by_id = models.BigIntegerField()
    public = models.BooleanField(_("visible to the customer"), default=False)

    class Meta:
        indexes = [models.Index(fields=["kind", "record_id"], name="file_of_record")]


class Term(models.Model):
    """One entry of a lookup list, in both languages. Lists are rows, not kinds."""

    list = models.CharField(_("list"), max_length=40)
    code = models.CharField(_("code"), max_length=80)
    label = models.CharField(_("label"), max_length=120)
    label_zh = models.CharField(_("Chinese label"), max_length=120, blank=True)
    active = models.BooleanField(_("active"), default=True)
    order = models.IntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["list", "order", "label"]
        constraints = [models.UniqueConstraint(fields=["list", "code"], name="term_once")]

    def __str__(self) -> str:
        return self.word(self.label, self.label_zh)

    @staticmethod
    def word(label: str, label_zh: str) -> str:
        """The label in the reader's language."""
        return label_zh if label_zh and (get_language() or "").startswith("zh") else label


def term(list_name: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A foreign key to one lookup list, for example `topic = term("topic", null=True, blank=True)`."""
    return models.ForeignKey(Term, models.PROTECT, related_name="+", limit_choices_to={"list": list_name}, **options)


class Follow(models.Model):
    """A person who wants to hear of a record."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    record_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "record_id"], name="follow_once")]


class SavedView(models.Model):
    """A named query of a register: filters, search, sort and columns, private or shared, pinned or not.

    With a limit its person is told when it finds more, or fewer, than that; `passed` is what was told last.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    shared = models.BooleanField(_("shared"), default=False)
    pinned = models.BooleanField(_("pinned"), default=False)
    limit = models.PositiveSmallIntegerField(_("limit"), null=True)
    below = models.BooleanField(_("below the limit"), default=False)
    passed = models.BooleanField(_("limit passed"), default=False)

    class Meta:
        verbose_name = _("saved view")
        constraints = [models.UniqueConstraint(fields=["person", "kind", "name"], name="view_name_once")]

    @classmethod
    def seen_by(cls, person: Any) -> models.QuerySet[SavedView]:
        return cls._default_manager.filter(models.Q(person=person) | models.Q(shared=True)).order_by("name")


ACTS = {
    "create": pgettext_lazy("timeline", "registered"),
    "update": pgettext_lazy("timeline", "changed"),
    Entry.POST: pgettext_lazy("timeline", "wrote"),
    Entry.FILE: pgettext_lazy("timeline", "attached a file"),
    Entry.LINK: pgettext_lazy("timeline", "linked"),
    "unlink": pgettext_lazy("timeline", "unlinked"),
    Entry.READ: pgettext_lazy("timeline", "read"),
    Entry.AUTO: pgettext_lazy("timeline", "rule applied"),
    "archive": pgettext_lazy("timeline", "archived"),
    Entry.PAST: pgettext_lazy("timeline", "noted elsewhere"),
    "none": pgettext_lazy("timeline", "said that there is none"),
}
