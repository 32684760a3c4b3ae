"""A case that is with the operations director goes no higher: the portal says who has it and offers no further step."""

from __future__ import annotations

from comity.cases.models import Case
from tests.portal.conftest import Portal


def text(portal: Portal, case: Case) -> str:
    return portal.visit().get(f"/portal/cases/{case.ref}/").content.decode()


def test_nobody_is_sent_higher_than_the_top(portal: Portal) -> None:
    case = portal.at("investigating")
    for level in (1, 2, 3):
        assert "Next level, if you escalate" in text(portal, case)
        assert (portal.act(case, "escalate", f"Nobody calls, {level}."), case.escalation_level) == (303, level)
    page = text(portal, case)
    assert f"/portal/cases/{case.ref}/escalate/" not in page and "Next level" not in page
    assert "It is with our" in page and "Operations Director" in page
    raised = case.escalations.count()
    assert portal.act(case, "escalate", "Still nobody.") == 422
    assert case.escalations.count() == raised


def test_who_has_it_is_said_though_a_rule_sent_it_there(portal: Portal) -> None:
    case = portal.desk.at("investigating", severity="critical", notification_wish={"result_only": True})
    assert "It is with our" not in text(portal, case)
    portal.desk.until(case.far_over_at)
    case = portal.desk.sweep(case)
    assert case.escalation_level == 3
    page = text(portal, case)
    assert "It is with our" in page and "Operations Director" in page and "/escalate/" not in page
