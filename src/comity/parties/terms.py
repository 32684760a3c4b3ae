"""The lookup lists that this room and the communications start with. An installation adds to them as it likes."""

from typing import Any

LISTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "contact_role": (
        ("approver", "Approver", "审批人"),
        ("service_owner", "Service owner", "服务负责人"),
        ("requester", "Requester", "申请人"),
        ("complainant", "Complaints", "投诉联系人"),
        ("escalation", "Escalation", "升级联系人"),
        ("reviewer", "Service reviews", "服务评审参与人"),
        ("finance", "Finance", "财务"),
        ("user", "User", "用户"),
    ),
    "channel_type": (
        ("phone", "Phone", "电话"),
        ("email", "E-mail", "电子邮件"),
        ("post", "Post", "信函"),
        ("portal", "Portal", "门户"),
        ("chat", "Chat", "在线聊天"),
        ("face_to_face", "Face to face", "当面"),
    ),
    "channel_purpose": (
        ("complaint", "Complaint", "投诉"),
        ("request", "Request", "请求"),
        ("feedback", "Feedback", "反馈"),
        ("information", "Information", "信息"),
        ("escalation", "Escalation", "升级"),
        ("privacy", "Privacy", "隐私"),
        ("security", "Security", "安全"),
        ("marketing", "Marketing", "市场推广"),
    ),
}


def seed(term: Any) -> None:
    """Add what is missing of the lists; `term` is the model. What an installation changed stays as it is."""
    for name, rows in LISTS.items():
        for order, (code, label, label_zh) in enumerate(rows):
            term.objects.get_or_create(
                list=name, code=code, defaults={"label": label, "label_zh": label_zh, "order": order}
            )
