"""Articles for everybody, without signing in; and at the desk: what fits a record, what readers say."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.accounts.limits import address_of, within
from comity.accounts.models import Unit
from comity.communications.languages import LANGUAGES, asked
from comity.knowledge import operations, rules
from comity.knowledge.models import KnowledgeArticle
from comity.records.access import may_note, readable_record
from comity.records.kind import kind_of
from comity.web.gate import actor_of, go, page, person_of
from comity.web.navigation import place
from comity.web.panels import panel

SALT, A_DAY, HOUR = "comity.help", 24 * 3600, 3600
PER_ADDRESS, FOR_ALL = 20, 600  # opinions an hour: from one network address, from everywhere
Context = dict[str, Any] | None

place(
    gettext_lazy("What readers say"), "/knowledge/feedback/", icon="message-circle-question-mark",
    group=gettext_lazy("Knowledge"), order=60, visible=may_note,
)  # fmt: skip


# --- for everybody ---------------------------------------------------------------------------------------------------


def _language(request: HttpRequest) -> str:
    """The language that is asked for in the address, or by the browser."""
    asked(request)
    return "zh-hans" if (translation.get_language() or "").startswith("zh") else "en"


def _around(request: HttpRequest) -> dict[str, Any]:
    language, provider = _language(request), Unit.objects.filter(parent__isnull=True).order_by("path").first()
    return {
        "provider": provider.name if provider else "Comity", "language": language,
        "others": [one for one in LANGUAGES if one[0] != language],
    }  # fmt: skip


@require_GET
def help_all(request: HttpRequest) -> HttpResponse:
    """All articles for everybody in the reader's language, or those with some words in any."""
    around, words = _around(request), request.GET.get("q", "").strip()
    found = operations.public("" if words else around["language"], words) or ([] if words else operations.public())
    return render(request, "knowledge/help.html", around | {"articles": found, "words": words})


@csrf_exempt  # no cookie is needed; the stamp says that the page was open here, and the limits keep machines out
@require_http_methods(["GET", "HEAD", "POST"])
def help_one(request: HttpRequest, ref: str) -> HttpResponse:
    """One article, and the question whether it helped."""
    around, article = _around(request), operations.public_one(ref)
    if article is None:
        raise Http404
    context = around | {"article": article, "stamp": signing.dumps(article.ref, salt=SALT), "limit": 2000}
    context["html"] = mark_safe(rules.html(article.shown_body))  # noqa: S308 - cleaned there
    if request.method != "POST":
        return render(request, "knowledge/help_one.html", context | {"thanks": "thanks" in request.GET})
    try:
        stamped = signing.loads(request.POST.get("stamp", ""), salt=SALT, max_age=A_DAY)
    except signing.BadSignature:
        stamped = ""
    helped, comment = request.POST.get("helped"), request.POST.get("comment", "")
    if stamped != ref or helped not in ("yes", "no") or len(comment) > 2000:
        problem = _("Please choose yes or no, and send it once more.")
        return render(
            request, "knowledge/help_one.html", context | {"problem": problem, "comment": comment}, status=422
        )
    if not (within("help", address_of(request), PER_ADDRESS, HOUR) and within("help", "everybody", FOR_ALL, HOUR)):
        problem = _("That was often. Please try again in an hour.")
        return render(
            request, "knowledge/help_one.html", context | {"problem": problem, "comment": comment}, status=429
        )
    operations.told(article, helped == "yes", comment)
    return HttpResponse(status=303, headers={"Location": f"/help/{ref}/?thanks=1&language={around['language']}"})


# --- at the desk -----------------------------------------------------------------------------------------------------


@panel("knowledge_article", "knowledge/reader.html", place="main", order=10, label=gettext_lazy("As readers see it"))
def reader(record: Any, request: HttpRequest) -> Context:
    """The text as it looks: the published one, and the one that is being written."""
    draft = record.status in (KnowledgeArticle.Status.DRAFT, KnowledgeArticle.Status.REVIEW)
    texts = [(_("Published"), record.shown_body)] if record.published_at else []
    texts += [(_("Not approved yet"), record.body)] if draft else []
    shown = [(label, mark_safe(rules.html(text))) for label, text in texts]  # noqa: S308 - cleaned there
    return {"shown": shown, "public": record.shown_audience == "public"} if shown else None


@panel("knowledge_article", "knowledge/said.html", place="side", order=20, label=gettext_lazy("Use and feedback"))
def said(record: Any, request: HttpRequest) -> Context:
    """How often it was used, whom it helped, and what readers say."""
    rows = record.feedback.all()
    return {
        "used": operations.times_used(record), "yes": rows.filter(helped=True).count(),
        "no": rows.filter(helped=False).count(), "comments": list(rows.exclude(comment="").order_by("-id")[:10]),
    }  # fmt: skip


@panel("*", "knowledge/suggested.html", place="side", order=28, label=gettext_lazy("Articles that may help"))
def suggested(record: Any, request: HttpRequest) -> Context:
    """On a record of a customer: the articles that fit it, each ready for an answer."""
    person = person_of(request)
    if not record.kind.party or not hasattr(record, "description") or record.hidden:
        return None
    found = operations.suggested(record, person)
    return {"articles": found, "may_use": may_note(person)} if found else None


@require_POST
@page
def use(request: HttpRequest, record: Any) -> HttpResponse:
    """Note that the record is answered with an article, and begin a mail with it where one can be written."""
    article = readable_record(kind_of(KnowledgeArticle), person_of(request), request.POST.get("article", "")[:20])
    if article.published_at is None:
        raise Http404
    operations.use(record, article, actor_of(request))
    return go(request, f"{record.url}write/?article={article.ref}" if "write" in request.POST else record.url)


@page
def feedback(request: HttpRequest) -> HttpResponse:
    """What readers say and nobody has followed up."""
    if not may_note(person_of(request)):
        raise PermissionDenied
    return render(request, "knowledge/feedback.html", {"rows": operations.open_feedback(person_of(request))[:100]})


@require_POST
@page
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of it."""
    person = person_of(request)
    one = operations.open_feedback(person).filter(pk=pk).first()
    if one is None:
        raise Http404
    try:
        operations.settle(one, request.POST.get("note", ""), actor_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return go(request, "/knowledge/feedback/")
