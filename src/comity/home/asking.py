"""What the sample organisation asks on the web besides complaints: praise and ideas, and questions about one's data."""

from __future__ import annotations

from typing import Any

from comity.accounts.roles import Role
from comity.home.demonstration import Organisation
from comity.records import write

BY = Role.PROCESS_MANAGER
FORMS: tuple[tuple[dict[str, Any], tuple[dict[str, Any], ...]], ...] = (
    (
        {"title": "Praise and ideas", "title_zh": "表扬与建议", "address": "ideas", "classification": "suggestion",
         "introduction": "What works well, and what could be better? Every idea is read and answered.",
         "introduction_zh": "哪些地方做得好，哪些可以更好？每条建议都会有人阅读并答复。"},
        (
            {"asks": "description", "label": "What would you like to tell us?", "label_zh": "您想告诉我们什么？"},
            {"asks": "choice", "label": "How often do you use the service?", "label_zh": "您多久使用一次该服务？",
             "options": "Daily | 每天\nNow and then | 偶尔\nFor the first time | 第一次", "required": True},
            {"asks": "conduct", "label": "Which service, place or person do you think of?",
             "label_zh": "您想到的是哪项服务、地点或人员？"},
            {"asks": "tick", "label": "You may quote me without my name", "label_zh": "可以不具名引用我的话"},
        ),
    ),
    (
        {"title": "A question about your data", "title_zh": "关于您的个人信息", "address": "privacy", "files": False,
         "classification": "enquiry", "subtype": "privacy", "nameless": False,
         "introduction": "Ask what we keep about you, where it comes from, or have it put right.",
         "introduction_zh": "您可以询问我们保存了您的哪些信息、信息从何而来，或要求更正。"},
        (
            {"asks": "description", "label": "What would you like to know?", "label_zh": "您想了解什么？"},
            {"asks": "line", "label": "Your customer number", "label_zh": "您的客户编号", "hint": "If you have one.",
             "hint_zh": "如果有的话。"},
        ),
    ),
)  # fmt: skip


def ask(organisation: Organisation) -> None:
    """Two open forms with questions of their own, in both languages."""
    for values, questions in FORMS:
        form = organisation.make("public_form", BY, owner=organisation.email(BY), **values)
        for position, one in enumerate(questions, 1):
            organisation.make("form_question", BY, form=form.ref, position=position, **one)
        write.transition(form, "open", actor=organisation.actor(BY))
