"""Write the OpenAPI document of all kinds to docs/openapi.json."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from comity.api.document import document
from comity.api.urls import api

PLACE = Path(__file__).resolve().parents[5] / "docs" / "openapi.json"


def text() -> str:
    return json.dumps(document(api), indent=1, ensure_ascii=False) + "\n"


class Command(BaseCommand):
    help = "Write docs/openapi.json from the kinds as they are declared."

    def handle(self, *args: Any, **options: Any) -> None:
        PLACE.write_text(text(), encoding="utf-8")
