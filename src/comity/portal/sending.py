"""What every form of the portal that begins something goes through: sent by somebody, whole, and taken once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from comity.api.models import IdempotencyKey
from comity.intake.public import manners
from comity.intake.public.pages import UPLOADS
from comity.intake.public.uploads import ACCEPT, MOST_FILES, checked
from comity.portal.gate import Visit


class Sending:
    """A form as it was opened or sent: the mark of this sending, its files, and what is wrong beside the answers."""

    def __init__(self, request: HttpRequest) -> None:
        self.once, self.uploads = "", list[Any]()
        self.loose, self.wrong = list[str](), list[str]()
        self.stamp = request.POST.get("stamp", "") if request.method == "POST" else manners.stamp()
        self._given = [upload for name in UPLOADS for upload in request.FILES.getlist(name)]
        if request.method == "POST":
            self._read()

    def _read(self) -> None:
        try:
            self.once = manners.once(self.stamp)
        except manners.TooSoon:
            self.loose = [_("That was very fast. Please send it once more.")]
        except manners.TooOld:
            self.loose, self.stamp = (
                [_("This page was open for a long time. Please send it once more.")],
                manners.stamp(),
            )
        try:
            self.uploads = checked(self._given)
        except ValidationError as error:
            self.wrong = list(error.messages)

    @property
    def faulty(self) -> bool:
        return bool(self.loose or self.wrong)

    @property
    def shown(self) -> dict[str, Any]:
        """What the page says of it."""
        return {
            "stamp": self.stamp, "accept": ACCEPT, "most": MOST_FILES, "loose": self.loose, "files_wrong": self.wrong,
            "named": [one.name for one in self._given],
        }  # fmt: skip


def taken_once(visit: Visit, once: str, make: Callable[[], Any]) -> str:
    """The reference of the new record; the same sending gives the same one again."""
    keys = IdempotencyKey.objects.filter(person=visit.person, key=once)
    if known := keys.first():
        return known.location
    try:
        with transaction.atomic():
            ref = str(make().ref)
            IdempotencyKey.objects.create(person=visit.person, key=once, status=303, location=ref, at=timezone.now())
            return ref
    except IntegrityError:  # sent twice at once, and the other was first
        if (known := keys.first()) is None:
            raise
        return known.location
