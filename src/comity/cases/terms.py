"""The lookup lists that the complaint desk starts with. An installation adds to them as it likes."""

from typing import Any

LISTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "case_topic": (
        ("availability", "Availability", "可用性"),
        ("performance", "Performance", "性能"),
        ("delivery", "Delivery", "交付"),
        ("billing", "Billing", "账单"),
        ("information", "Information", "信息告知"),
        ("conduct", "Conduct of staff", "员工行为"),
        ("support", "Support", "支持"),
        ("security", "Security", "信息安全"),
        ("privacy", "Privacy", "隐私"),
        ("contract", "Contract", "合同"),
        ("other", "Other", "其他"),
    ),
    "cause_category": (
        ("people", "People", "人员"),
        ("process", "Process", "流程"),
        ("technology", "Technology", "技术"),
        ("supplier", "Supplier", "供应商"),
        ("communication", "Communication", "沟通"),
        ("planning", "Planning and capacity", "计划与容量"),
        ("customer", "Customer's side", "客户方"),
        ("unknown", "Not found", "未查明"),
    ),
}


def seed(term: Any) -> None:
    """Add what is missing of the lists; `term` is the model. What an installation changed stays as it is."""
    for name, rows in LISTS.items():
        for order, (code, label, label_zh) in enumerate(rows):
            term.objects.get_or_create(
                list=name, code=code, defaults={"label": label, "label_zh": label_zh, "order": order}
            )
