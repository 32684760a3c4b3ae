"""What every form outside goes through, of strangers and of contacts: opened with a mark, sent whole, taken once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from comity.intake.public import manners
from comity.intake.public.uploads import ACCEPT, MOST_FILES, checked

UPLOADS = ("files", "photo", "mandate")
TRAP = "website"  # a field that no person sees
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
T = TypeVar("T")


class Sending:
    """A form as it was opened or sent: the mark of this sending, its files, and what is wrong beside the answers."""

    def __init__(self, request: HttpRequest, takes_files: bool = True) -> None:
        self.once, self.uploads = "", list[Any]()
        self.loose, self.wrong = list[str](), list[str]()
        self.sent = request.method == "POST"
        self.stamp = request.POST.get("stamp", "") if self.sent else manners.stamp()
        self._given = [upload for name in UPLOADS for upload in request.FILES.getlist(name) if takes_files]
        if self.sent:
            self._read(request)

    def _read(self, request: HttpRequest) -> None:
        try:
            self.once = manners.once(self.stamp)
        except manners.TooSoon:
            self.loose = [_("That was very fast. Please send it once more.")]
        except manners.TooOld:
            self.stamp = manners.stamp()
            self.loose = [_("This page was open for a long time. Please send it once more.")]
        if request.POST.get(TRAP):
            self.loose = [_("One field must stay empty; a program may have filled it in. Please send it once more.")]
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
            "named": [one.name for one in self._given], "trap": TRAP,
        }  # fmt: skip


def words_of(request: HttpRequest) -> list[str]:
    """What somebody typed into a form that cannot be sent any more, to be shown to them once more."""
    typed = ((name, str(text)) for name in request.POST for text in request.POST.getlist(name))
    return [text for name, text in typed if name not in ("stamp", TRAP, TOKEN) and text.strip()]


def taken_once(known: Callable[[], T | None], make: Callable[[], T]) -> tuple[T, bool]:
    """What came of a sending, and whether it came of this request. `known` finds what the same sending made before; of
    two at once the later finds what the other made."""
    if (found := known()) is not None:
        return found, False
    try:
        with transaction.atomic():
            return make(), True
    except IntegrityError:
        if (found := known()) is None:
            raise
        return found, False
