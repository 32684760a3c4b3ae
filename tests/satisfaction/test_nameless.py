"""An answer without a name: nothing that is kept leads from it to whoever was asked (PG-001-10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from comity.improvement.models import Action
from comity.satisfaction import answering
from comity.satisfaction.models import Ballot, Invitation, Questionnaire, SurveyResponse
from tests.cases.conftest import Desk
from tests.satisfaction.conftest import Visitor, heard, opened

SAID = "Only somebody from the night shift would write that."


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every table, the trail, former rows and counted tries included."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield table, dict(zip(names, row, strict=True))


def snapshot() -> set[tuple[str, str]]:
    return {(table, json.dumps(row, default=str, sort_keys=True)) for table, row in rows()}


def test_nothing_joins_an_answer_without_a_name_to_a_person(desk: Desk, questionnaire: Questionnaire) -> None:
    survey = opened(desk.world, questionnaire, anonymous=True)
    visitors = []
    for _number in range(answering.TOGETHER):
        case = desk.at("closed")
        heard()
        visitors.append(Visitor(Invitation.objects.select_related("survey").get(case=case)))
        Invitation.objects.update(at=case.closed_at.replace(year=case.closed_at.year - 1))
    for number, visitor in enumerate(visitors):
        desk.later(hours=1)
        before = snapshot()
        said = SAID if number == 2 else f"No {number}"
        assert visitor.send(overall="1", open=said, wants_answer="on").status_code == 200
        new = [(table, json.loads(row)) for table, row in snapshot() - before]
        kept = {table: row for table, row in new if table.startswith("satisfaction_")}
        assert kept.keys() == {"satisfaction_ballot", "satisfaction_invitation"}
        assert kept["satisfaction_ballot"].keys() == {"id", "survey_id", "stratum", "scores", "answers"}
        assert kept["satisfaction_ballot"]["stratum"] == "" and kept["satisfaction_invitation"]["answered_at"] is None
        # Nothing else is written but a counted try of the network address: no line of the trail, no former row.
        assert {table for table, _row in new} - kept.keys() <= {"accounts_tries"}
        assert Ballot.objects.count() == number + 1 and not SurveyResponse.objects.exists()

    desk.later(hours=1)
    before = snapshot()
    assert answering.mix(survey) == answering.TOGETHER and not Ballot.objects.exists()
    new = [(table, json.loads(row)) for table, row in snapshot() - before]
    assert not [row for table, row in new if table == "satisfaction_invitation"]
    responses = list(SurveyResponse.objects.all())
    for one in responses:
        assert (one.contact_id, one.case_id, one.wants_answer, one.stratum) == (None, None, False, "")
        assert one.entered_at == one.answered_at == timezone.now()  # all of them at once, later than the last answer
    assert not Action.objects.filter(source_ref__startswith="ANS").exists()
    # Whoever was asked stands in no row that an answer stands in.
    secret = {visitor.invitation.digest for visitor in visitors} | {desk.world.contact.name}
    told = [row for _table, row in ((t, json.dumps(r, default=str)) for t, r in new) if SAID in row]
    assert told and not [row for row in told for word in secret if word in row]


def test_fewer_wait_until_the_end(desk: Desk, questionnaire: Questionnaire) -> None:
    survey = opened(desk.world, questionnaire, anonymous=True)
    case = desk.at("closed")
    heard()
    Visitor(Invitation.objects.select_related("survey").get(case=case)).send(overall="4")
    assert answering.mix(survey) == 0 and Ballot.objects.count() == 1
    desk.world.move(survey, "close", "process_manager", note="Enough.")
    assert [(one.type, one.contact_id) for one in SurveyResponse.objects.all()] == [("answered", None)]
    assert not Ballot.objects.exists()
