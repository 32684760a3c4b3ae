"""What every page of the portal goes through: a contact who acts as nothing else, and what that contact may read."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from comity.accounts.models import Person
from comity.accounts.rights import Rights, rights_of
from comity.accounts.roles import CONTACTS, Role
from comity.cases.rules.notices import Wish
from comity.intake.public.shown import surroundings
from comity.parties.models import Contact, Customer
from comity.parties.operations import organisations_of, signed_in_as
from comity.records.trail import Actor
from comity.web.gate import refusing

View = Callable[..., HttpResponseBase]


def as_contact(person: Person) -> Person:
    """The same person, who here holds the role of a customer's contact and nothing else. What they hold inside opens
    nothing in the portal, and what they do here they do as customers."""
    inside, alone = rights_of(person), copy.copy(person)
    reach = inside.units((Role.CUSTOMER_CONTACT,)) if Role.CUSTOMER_CONTACT in inside.roles else frozenset()
    role = frozenset({Role.CUSTOMER_CONTACT})
    alone._rights = Rights(roles=role, held=role, _reach={Role.CUSTOMER_CONTACT: reach})
    return alone


def page(view: View) -> View:
    """A page for contacts of customers. Others are sent to sign in, or find nothing here."""

    @never_cache
    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, **named: Any) -> HttpResponseBase:
        if not isinstance(request.user, Person):
            return redirect("sign_in_link")
        if Role.CUSTOMER_CONTACT not in rights_of(request.user).roles:
            if rights_of(request.user).roles - CONTACTS:
                raise Http404
            supplies = Role.SUPPLIER_CONTACT in rights_of(request.user).roles
            return show(request, "portal/ended.html", {"supplies": supplies}, 403)
        person = as_contact(request.user)
        contacts = signed_in_as(person)
        if not contacts:
            return show(request, "portal/ended.html", {}, 403)
        with refusing():
            return view(request, Visit(request, person, contacts), **named)

    return answer


class Visit:
    """A contact who looks at the portal: the person, and the contacts they sign in as."""

    def __init__(self, request: HttpRequest, person: Person, contacts: list[Contact]) -> None:
        self.request, self.person, self.contacts = request, person, contacts
        self.actor = Actor(person, "portal")

    @cached_property
    def organisations(self) -> dict[str, tuple[Customer, Contact]]:
        """For whom they speak: see there."""
        return organisations_of(self.contacts)

    @property
    def wish(self) -> Wish:
        """What they want to hear of new cases; it is the same for all of their contacts."""
        return Wish.of(self.contacts[0].notification_wish)

    @property
    def inside(self) -> bool:
        """Does this person work here, too?"""
        user = self.request.user
        return isinstance(user, Person) and bool(rights_of(user).held - CONTACTS)

    def show(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return show(self.request, template, {"visit": self} | context, status)


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, template, surroundings(request) | context, status=status)
