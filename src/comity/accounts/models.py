"""Who signs in, where they belong, what they hold, and the tokens they gave to machines.

Ends are exclusive everywhere: on the day of ``ends_on`` a person or a grant no longer counts, so that a
revocation acts at once. Nothing here is deleted: grants end, tokens are revoked, people leave (CSMS:2003 12.1).
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Concat, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comity.accounts.roles import Role
from comity.accounts.whole import rows_of

if TYPE_CHECKING:
    from comity.accounts.rights import Rights


WHEN = frozenset({"is_active", "starts_on", "ends_on"})
"""What says of a person whether they are let in."""


def in_force(on: date, prefix: str = "") -> Q:
    """The condition that a dated row counts on that day."""
    ends = f"{prefix}ends_on"
    return Q(**{f"{prefix}starts_on__lte": on}) & (Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": on}))


def default_zone() -> str:
    """The zone of people who have not chosen theirs."""
    return str(settings.COMITY_TIME_ZONE)


def validate_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone, such as Asia/Shanghai."), params={"name": name})


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        """Add a person; without a password they can sign in only after setting one through the reset link."""
        person = self.model(email=email, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who can sign in: staff, a contact of a customer or supplier, an auditor."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.ENGLISH)
    time_zone = models.CharField(_("time zone"), max_length=60, default=default_zone, validators=[validate_zone])
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    acting_group = models.CharField(_("acting group"), max_length=30, choices=Role, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    era = models.PositiveIntegerField(default=0, editable=False)  # of sessions: those of an earlier one have ended
    starts_on = models.DateField(_("starts on"), default=timezone.localdate)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    stand_in = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="stands_in_for", verbose_name=_("stand-in")
    )
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_to = models.DateField(_("away to"), null=True, blank=True)

    is_staff = False
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = PersonManager()
    _rights: Rights | None = None

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever is shut out, let in again, or has other days begins anew: no session of before comes back."""
        self.email = self.email.strip().lower()
        fields = kwargs.get("update_fields")
        if self.pk and (fields is None or WHEN.intersection(fields)):
            days = {name: getattr(self, name) for name in WHEN}
            if not Person.objects.filter(pk=self.pk, **days).exists():
                self.era += 1
                kwargs["update_fields"] = fields and {*fields, "era"}
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        """What a session must know."""
        return f"{super().get_session_auth_hash()}.{self.era}"

    @property
    def current(self) -> bool:
        """May this person be signed in today? Asked at sign-in and again at every request."""
        today = timezone.localdate()
        return self.is_active and self.starts_on <= today and (self.ends_on is None or today < self.ends_on)


class Unit(models.Model):
    """A part of the provider's organisation. ``path`` lists the ids from the root down to itself: ``1/4/9/``."""

    name = models.CharField(_("name"), max_length=150)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("belongs to")
    )
    path = models.CharField(max_length=200, unique=True, editable=False)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ("path",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the path true, for the whole subtree when the unit moves."""
        before = self.path = self.path or f"new {uuid4().hex}"
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else ''}{self.pk}/"
        if path != before:
            rest = Concat(models.Value(path), Substr("path", len(before) + 1))
            Unit.objects.filter(path__startswith=before).update(path=rest)
            self.path = path

    @property
    def depth(self) -> int:
        return self.path.count("/") - 1


class Grant(models.Model):
    """A role held by a person in a unit and all below it, from a day until another."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants", verbose_name=_("person"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants", verbose_name=_("unit"))
    role = models.CharField(_("role"), max_length=30, choices=Role)
    starts_on = models.DateField(_("starts on"), default=timezone.localdate)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ("role", "starts_on", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="grant_ends_after_it_starts",
                violation_error_message=_("A grant cannot end before it starts."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.unit}"


class ApiToken(models.Model):
    """A secret with which a machine acts for a person. Only its hash is kept; the secret is shown once."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="api_tokens", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    CALENDAR, PROVISION = ALONE = "calendar", "provision"
    scopes = models.JSONField(_("scopes"), default=list)
    issued_at = models.DateTimeField(_("issued"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-issued_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, person: Person, name: str, scopes: list[str], days: int) -> tuple[ApiToken, str]:
        """Make a token; the secret is returned here and never again."""
        secret = f"cmt_{secrets.token_urlsafe(32)}"
        known = {"prefix": secret[:10], "hash": _digest(secret), "expires_at": timezone.now() + timedelta(days=days)}
        return cls.objects.create(person=person, name=name, scopes=scopes, **known), secret

    @classmethod
    def authenticate(cls, secret: str, door: str = "") -> ApiToken | None:
        """The valid token of this secret, or none: unknown, expired, revoked, or its person is not current.

        A token for a calendar, whose address many programs see, or for a directory opens that door and nothing else.
        """
        now, digest = timezone.now(), _digest(secret)
        token = rows_of(cls, [digest], "hash").get(digest)
        if token is None or token.expires_at <= now:
            return None
        token.person = rows_of(Person, [token.person_id])[token.person_id]
        if not token.person.current or next((one for one in token.scopes if one in cls.ALONE), "") != door:
            return None
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
            cls.objects.filter(pk=token.pk).update(last_used_at=now)
        return token

    def allows(self, verb: str, kind: str = "") -> bool:
        """Does a scope cover this verb ("read", "write") on this kind? ``write`` does not include ``read``."""
        return verb in self.scopes or f"{kind}:{verb}" in self.scopes

    def revoke(self) -> None:
        """From now on, and also should the clock go back: it was never valid."""
        self.expires_at = min(self.expires_at, self.issued_at)
        self.save(update_fields=["expires_at"])


class SignInLink(models.Model):
    """A mailed address that signs somebody in once, soon. Only its hash is kept."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    hash = models.CharField(max_length=64, unique=True, editable=False)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Tries(models.Model):
    """How often something was tried in one window of time. Who tries is a hash in the name of the slot."""

    slot = models.CharField(max_length=120, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
