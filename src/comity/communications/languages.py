"""The languages of the pages outside, and the one that a visitor asks for in the address."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import translation

LANGUAGES = (("en", "English"), ("zh-hans", "中文"))


def asked(request: HttpRequest) -> str:
    """Speak the language of `?language=zh-hans` from here on, and return its code; empty where none of ours is asked
    for. People and links also write `?lang=zh` or `zh-CN`."""
    code = request.GET.get("language") or request.GET.get("lang") or ""
    try:
        code = translation.get_supported_language_variant(code.lower())
    except (LookupError, ValueError):
        return ""
    translation.activate(code)
    request.LANGUAGE_CODE = code
    return code
