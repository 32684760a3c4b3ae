"""Acts on accounts: each is one transaction and is told to whoever keeps the trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import ModelForm
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.accounts import audit
from comity.accounts.models import ApiToken, Grant, Person, Unit, in_force
from comity.accounts.rights import is_contact, rights_of
from comity.accounts.roles import Role


def _changes(form: ModelForm[Any]) -> dict[str, Any]:
    """Old and new value of every field that differs."""
    pairs = {name: [_plain(form.initial.get(name)), _plain(form.cleaned_data[name])] for name in form.changed_data}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _plain(value: Any) -> Any:
    if isinstance(value, Unit | Person):
        return value.pk
    return value if value is None or isinstance(value, str | int) else str(value)


@transaction.atomic
def save_person(form: ModelForm[Person], actor: Person) -> Person:
    """Add or change a person as the valid form says."""
    act = "changed" if form.instance.pk else "added"
    if act == "added":
        form.instance.set_unusable_password()
    person = form.save()
    if "email" in form.changed_data:
        readdressed(person, form.initial.get("email", ""))
    audit.record(actor, person, act, _changes(form))
    return person


def readdressed(person: Person, before: str) -> None:
    """The sign-in library remembers addresses, some providers name people by them: the old one lets in no more."""
    EmailAddress.objects.filter(user=person).delete()
    SocialAccount.objects.filter(user=person, uid__iexact=before).delete()


@transaction.atomic
def set_active(person: Person, active: bool, actor: Person) -> None:
    """Let in or shut out, at once; nobody shuts out themselves."""
    if person == actor:
        raise PermissionDenied
    person.is_active = active
    person.save(update_fields=["is_active"])
    audit.record(actor, person, "activated" if active else "deactivated", {"is_active": [not active, active]})


@transaction.atomic
def grant(form: ModelForm[Grant], actor: Person) -> Grant:
    made = form.save()
    audit.record(actor, made.person, "granted", _changes(form))
    return made


@transaction.atomic
def revoke(held: Grant, actor: Person) -> None:
    """End a grant today; no administrator ends their own administration, so that one remains."""
    if held.person == actor and held.role == Role.ADMINISTRATOR:
        raise PermissionDenied
    before, held.ends_on = held.ends_on, max(timezone.localdate(), held.starts_on)
    held.save(update_fields=["ends_on"])
    what = {"role": [held.role, None], "unit": [held.unit_id, None]}
    audit.record(actor, held.person, "revoked", what | {"ends_on": [_plain(before), _plain(held.ends_on)]})


@transaction.atomic
def admit(email: str, name: str, language: str, unit: Unit, role: Role, actor: Person) -> Person:
    """Let somebody from outside in, with this role: a new account without a password, or the one they have."""
    address = email.strip().lower()
    person = Person.objects.filter(email=address).first()
    if person is None:
        person = Person(email=address, name=name, language=language)
        person.set_unusable_password()
        person.save()
        audit.record(actor, person, "added", {"email": [None, address], "name": [None, name]})
    if not person.current:
        raise ValidationError(_("The account of this address is closed."))
    if not person.grants.filter(in_force(timezone.localdate()), role=role).exists():
        made = Grant.objects.create(person=person, unit=unit, role=role)
        audit.record(actor, person, "granted", {"role": [None, role.value], "unit": [None, made.unit_id]})
    return person


@transaction.atomic
def shut_out(person: Person, roles: Iterable[Role], actor: Person) -> None:
    """End these roles today."""
    for held in person.grants.filter(in_force(timezone.localdate()), role__in=roles):
        revoke(held, actor)


@transaction.atomic
def act_as(person: Person, group: str) -> None:
    """Choose between the administrator group and all others; refused to whoever has no such choice."""
    if not rights_of(person).must_choose or group not in ("", Role.ADMINISTRATOR):
        raise PermissionDenied
    before, person.acting_group, person._rights = person.acting_group, group, None
    person.save(update_fields=["acting_group"])
    audit.record(person, person, "acts_as", {"acting_group": [before, group]})


@transaction.atomic
def issue_token(person: Person, name: str, scopes: list[str], days: int) -> tuple[ApiToken, str]:
    """Let a program act for somebody inside; contacts of outside parties have no such programs."""
    if is_contact(person) or (ApiToken.PROVISION in scopes and Role.ADMINISTRATOR not in rights_of(person).roles):
        raise PermissionDenied
    token, secret = ApiToken.issue(person, name, scopes, days)
    audit.record(person, person, "token_issued", {"token": [None, str(token)], "scopes": [None, scopes]})
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken) -> None:
    token.revoke()
    audit.record(token.person, token.person, "token_revoked", {"token": [str(token), None]})


@transaction.atomic
def save_unit(form: ModelForm[Unit], actor: Person) -> Unit:
    """Add, rename or move a unit; told under the actor, since no person is its subject."""
    act = "unit_changed" if form.instance.pk else "unit_added"
    unit = form.save()
    audit.record(actor, actor, act, {"id": unit.pk} | _changes(form))
    return unit
