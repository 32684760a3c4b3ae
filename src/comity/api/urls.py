"""The addresses under /api/v1/: the operations, the document that describes them, and a problem for everything else."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import path, re_path, resolve
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from comity.api.document import document
from comity.api.door import Bearer, Rate, Sane, Session, guarded
from comity.api.problems import answer_errors_of, problem
from comity.api.routes import router

api = NinjaAPI(
    title="Comity", version="1", urls_namespace="api", openapi_url=None, docs_url=None, auth=[Bearer(), Session()],
    throttle=Rate(), parser=Sane(),
)  # fmt: skip
answer_errors_of(api)


@api.get("/openapi.json", auth=None, throttle=[], include_in_schema=False)
def openapi(request: HttpRequest) -> Any:
    """The OpenAPI 3.1 document."""
    return JsonResponse(document(api))


api.add_router("", router)


@csrf_exempt  # what it hands over to checks for itself
def otherwise(request: HttpRequest, rest: str) -> HttpResponseBase:
    """The same address without a slash at its end, or nothing."""
    match = resolve("/" + rest.rstrip("/"), __name__)
    return problem(404) if match.func is otherwise else match.func(request, **match.kwargs)


_operations: list[Any] = api.urls[0]
urlpatterns = [
    *(path(str(one.pattern), guarded(one.callback)) for one in _operations if one.name != "api-root"),
    re_path(r"^(?P<rest>[\s\S]*)$", otherwise),
]
