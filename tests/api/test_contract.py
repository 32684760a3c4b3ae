"""The interface keeps what its OpenAPI document says, under made-up requests of both kinds: well formed and not."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from comity.api.document import document
from comity.api.urls import api
from comity.config.wsgi import application
from comity.records.kind import Kind, kinds
from tests.api.conftest import Machine
from tests.api.samples import created

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
]
EXAMPLES = 2  # of each operation of each kind, well formed and not: some 2,500 requests
METHODS = ("get", "post", "patch", "delete")


@cache
def published() -> tuple[dict[str, Any], Any]:
    """The document as others read it, and the same for making requests up."""
    raw = json.loads(json.dumps(document(api)))
    schema = schemathesis.openapi.from_dict(raw)
    schema.app = application
    return raw, schema


def operations(kind: Kind | None) -> Iterator[tuple[str, Any]]:
    """The document's operations on this kind, or those on none."""
    raw, schema = published()
    wanted = [path for path, item in raw["paths"].items() if _belongs(path, kind)]
    for path in wanted:
        for method in METHODS:
            if method in raw["paths"][path]:
                yield path, schema[path][method.upper()]


def _belongs(path: str, kind: Kind | None) -> bool:
    plural = path.split("/")[3]
    return plural == kind.path if kind else plural not in {one.path for one in kinds()}


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests in the test's own transaction, whose connection a server would close after each."""
    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda _connection: None)


@pytest.mark.slow
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("kind", [None, *kinds()], ids=lambda kind: kind.name if kind else "no kind")
def test_the_document_is_kept(kind: Kind | None, everyone: Machine) -> None:
    ref = created(everyone, kind)["ref"] if kind else ""
    for _path, operation in operations(kind):
        for mode in schemathesis.GenerationMode:
            try_it(operation, mode, ref, everyone)


def try_it(operation: Any, mode: Any, ref: str, everyone: Machine) -> None:
    headers = everyone.headers | {"accept-encoding": "identity"}
    by_row = operation.path.endswith("/bulk")  # which reports a wrong row and does not refuse the others
    wanted = [check for check in CHECKS if not by_row or check is not checks.negative_data_rejection]

    @seed(7)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        if "ref" in (case.path_parameters or {}) and not case.path_parameters["ref"].startswith("x"):
            case.path_parameters["ref"] = ref
        response = case.call(headers=headers)
        case.validate_response(response, checks=wanted, headers=headers)

    attempt()
