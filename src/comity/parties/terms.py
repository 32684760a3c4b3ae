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
    "duty": (
        ("relationship", "Relationship", "客户关系"),
        ("satisfaction", "Satisfaction", "满意度"),
        ("contract", "Contract", "合同"),
        ("performance", "Performance", "绩效"),
        ("establish", "Establish the system", "建立体系"),
        ("implement", "Put the system into practice", "实施体系"),
        ("maintain", "Maintain the system", "保持体系"),
        ("full_compliance", "Full compliance", "全面符合"),
        ("effectiveness_reporting", "Report on effectiveness", "报告有效性"),
        ("requirement_awareness", "Awareness of requirements", "要求意识"),
        ("competence_needs", "Needs of competence", "能力需求"),
        ("training_provision", "Provide training", "提供培训"),
        ("training_evaluation", "Evaluate training", "评价培训"),
        ("obligation_awareness", "Awareness of obligations", "义务意识"),
        ("evaluation_records", "Records of evaluation", "评价记录"),
        ("skills_register", "Register of skills", "技能登记册"),
        ("collection", "Collect data", "收集数据"),
        ("gathering", "Gather feedback", "征集反馈"),
        ("analysis", "Analyse", "分析"),
        ("reporting", "Report", "报告"),
        ("storage", "Store records", "保存记录"),
        ("archiving", "Archive records", "归档记录"),
        ("retrieval", "Retrieve records", "检索记录"),
    ),
    "supplier_category": (
        ("infrastructure", "Infrastructure", "基础设施"),
        ("software", "Software", "软件"),
        ("network", "Networks", "网络"),
        ("field_service", "Field service", "现场服务"),
        ("staff", "Staff", "人员"),
        ("facilities", "Facilities", "场地设施"),
    ),
    "communication_tag": (
        ("business_environment", "Business environment", "业务环境"),
        ("service_environment", "Service environment", "服务环境"),
        ("requirements", "Requirements", "需求"),
        ("expectations", "Expectations", "期望"),
        ("dissatisfaction", "Dissatisfaction", "不满"),
        ("service_failure", "Service failure", "服务失效"),
    ),
}


def seed(term: Any) -> None:
    """Add what is missing of the lists; `term` is the model. What an installation changed stays as it is."""
    for name, rows in LISTS.items():
        for order, (code, label, label_zh) in enumerate(rows):
            term.objects.get_or_create(
                list=name, code=code, defaults={"label": label, "label_zh": label_zh, "order": order}
            )
