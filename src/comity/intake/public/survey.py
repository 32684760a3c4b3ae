"""The page behind the link of a survey: looking at it changes nothing, sending it uses it up, once. No scripts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from comity.accounts.limits import address_of, spent, within
from comity.communications.languages import asked
from comity.intake.limits import HOUR
from comity.intake.public import manners
from comity.intake.public.forms import text
from comity.intake.public.pages import MISSES, TOO_MUCH, WINDOW, page_of
from comity.parties.operations import language_of
from comity.satisfaction import answering
from comity.satisfaction.models import Invitation, Questionnaire, SurveyQuestion
from comity.satisfaction.scales import ENDS

SENDINGS = 60  # an hour from one network address; many people may share one
STOP = "stop"
Type = SurveyQuestion.Type
ENDS_SAID: Mapping[str, tuple[Any, Any]] = {
    Type.SCORE: (gettext_lazy("very dissatisfied"), gettext_lazy("very satisfied")),
    Type.NPS: (gettext_lazy("not at all likely"), gettext_lazy("very likely")),
    Type.EFFORT: (gettext_lazy("very hard"), gettext_lazy("very easy")),
}
"""What the ends of a scale mean."""


class Answers(forms.Form):
    """The questions of one questionnaire, in their order and the reader's language."""

    def __init__(self, questionnaire: Questionnaire, named: bool, *args: Any) -> None:
        super().__init__(*args)
        self.questions = {f"q{one.pk}": one for one in questionnaire.asked()}
        for name, one in self.questions.items():
            self.fields[name] = _field(one)
        if named:
            self.fields["wants_answer"] = forms.BooleanField(
                label=gettext_lazy("I am dissatisfied and want an answer"), required=False,
                help_text=gettext_lazy("Then what you write becomes a complaint with a number, and we answer it."),
            )  # fmt: skip

    def asked(self) -> Iterator[tuple[SurveyQuestion, forms.BoundField, tuple[Any, Any]]]:
        """Each question with its field and what the ends of its scale mean."""
        return ((one, self[name], ENDS_SAID.get(one.type, ("", ""))) for name, one in self.questions.items())

    @property
    def scores(self) -> dict[str, int]:
        return {pk: int(value) for pk, value in self._given(scored=True).items()}

    @property
    def words(self) -> dict[str, str]:
        return self._given(scored=False)

    def _given(self, scored: bool) -> dict[str, str]:
        found = ((one, self.cleaned_data.get(name)) for name, one in self.questions.items() if one.scored == scored)
        return {str(one.pk): str(value) for one, value in found if value}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        given = self._given(True) | self._given(False)
        if not given and not self.errors:
            raise forms.ValidationError(_("Please answer at least one question."))
        if values.get("wants_answer") and not self._given(False):
            self.add_error("wants_answer", _("Please write what you are dissatisfied with."))
        return values


def _field(one: SurveyQuestion) -> forms.Field:
    options: dict[str, Any] = {
        "label": one.said_text, "required": one.required,
        "error_messages": {"required": _("Please answer this.")},
    }  # fmt: skip
    if one.type == Type.TEXT:
        return text(4, **options)
    if one.scored:
        low, high = ENDS[one.type]
        choices = [(str(value), str(value)) for value in range(low, high + 1)]
    else:
        choices = one.choices
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **options)


@contextmanager
def _spoken(request: HttpRequest, invitation: Invitation) -> Iterator[None]:
    """In the language of whoever was asked, unless this browser has chosen one."""
    if asked(request) or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
        yield
        return
    used = invitation.case.language if invitation.case else ""
    with override(language_of(invitation.contact, invitation.contact.customer, used)):
        yield


@manners.secret_page
def show(request: HttpRequest, secret: str, deed: str = "") -> HttpResponse:
    """The questions; what was sent; or plainly that this link is over. Forged and unknown links look the same."""
    invitation = answering.found(secret)
    if invitation is None or invitation.survey.questionnaire is None:
        missed = "answer", address_of(request), MISSES, WINDOW
        over = spent(*missed) or not within(*missed)
        return page_of(request, "outside/lost.html", {}, 429 if over else 404)
    with _spoken(request, invitation):
        if request.method == "POST":
            return _taken(request, invitation, secret, deed)
        return _page(request, invitation, secret)


def _taken(request: HttpRequest, invitation: Invitation, secret: str, deed: str) -> HttpResponse:
    if not within("answering", address_of(request), SENDINGS, HOUR):
        return _page(request, invitation, secret, _form(invitation, request.POST), 429, loose=[_(TOO_MUCH)])
    if deed == STOP:
        answering.stop_asking(invitation)
        return _page(request, _again(invitation), secret, stopped=True)
    if not answering.open_for(invitation):
        return _page(request, invitation, secret)
    form = _form(invitation, request.POST)
    if not form.is_valid():
        return _page(request, invitation, secret, form, 422)
    try:
        answering.answer(invitation, form.scores, form.words, bool(form.cleaned_data.get("wants_answer")))
    except answering.Over:  # sent twice at once, and the other was first
        return _page(request, _again(invitation), secret)
    return _page(request, _again(invitation), secret, thanks=True, complained=form.cleaned_data.get("wants_answer"))


def _again(invitation: Invitation) -> Invitation:
    """As it is now."""
    return Invitation.objects.select_related("survey__questionnaire", "contact", "case").get(pk=invitation.pk)


def _form(invitation: Invitation, data: Any = None) -> Answers:
    questionnaire = invitation.survey.questionnaire
    assert questionnaire is not None  # noqa: S101 - `show` looked
    return Answers(questionnaire, not invitation.survey.anonymous, data)


def _page(
    request: HttpRequest, invitation: Invitation, secret: str, form: Answers | None = None, status: int = 200,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    survey = invitation.survey
    base = {"invitation": invitation, "survey": survey, "asked": survey.questionnaire, "base": f"/answer/{secret}/"}
    if answering.open_for(invitation):
        return page_of(request, "outside/answer.html", base | more | {"form": form or _form(invitation)}, status)
    ended = invitation.state != Invitation.State.ANSWERED and not more
    return page_of(request, "outside/answered.html", base | more, 410 if ended else 200)
