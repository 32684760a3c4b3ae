"""Surveys: drawn fairly, analysed, gone through in order; and nobody asked who did not want to be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from comity.communications.models import Communication
from comity.parties import consents
from comity.parties.models import Consent
from comity.records import write
from comity.records.kind import kind_of
from comity.records.trail import Actor
from comity.satisfaction import results
from comity.satisfaction.models import Invitation, Survey, SurveyResponse, SurveySample
from tests.compliance.proofs import membership, proof
from tests.satisfaction.conftest import made_questionnaire
from tests.worlds import World

BY = "process_manager"


def ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def closed(world: World, days: float = 0, **values: Any) -> Survey:
    """A round of talks with everybody of whom chance would draw, ended so many days ago."""
    day = timezone.localdate()
    told = {"title": "Talks", "method": "interview", "population": "All", "planned_on": day, "closes_on": day}
    survey: Survey = world.create("survey", BY, **(told | values))
    for step, note in (("sample", ""), ("open", ""), ("close", "All talked to.")):
        survey = world.move(survey, step, BY, note=note)
    Survey.objects.filter(pk=survey.pk).update(closed_at=ago(days))
    survey.refresh_from_db()
    return survey


def user(world: World) -> Any:
    values = {"name": "Uma User", "type": "user", "email": "uma@aster.example"}
    return world.create("contact", BY, customer=world.customer.ref, **values)


@proof(
    "sample_representative", rule="predicate", name="sample_representative", population="surveys_closed",
    strata=["customer", "user"],
)  # fmt: skip
class Large:
    """Everybody of a small frame was selected; then one less."""

    def met(self, world: World) -> None:
        user(world)
        closed(world)

    def gap(self, world: World) -> None:
        SurveySample.objects.update(selected=SurveySample.objects.get().frame_size - 1)

    def repair(self, world: World) -> None:
        SurveySample.objects.update(selected=SurveySample.objects.get().frame_size)


@proof(
    "sample_representative", rule="predicate", name="sample_representative", population="surveys_closed",
    strata=["customer", "user"],
)  # fmt: skip
class Strata(Large):
    """Of the users nobody was selected."""

    def gap(self, world: World) -> None:
        self.strata = SurveySample.objects.get().strata
        without = [one | {"selected": 0} if one["role"] == "user" else one for one in self.strata]
        SurveySample.objects.update(strata=without)

    def repair(self, world: World) -> None:
        SurveySample.objects.update(strata=self.strata)


@proof("survey_analysed", rule="predicate", name="survey_analysed")
class Analysed:
    """What ended long ago has its figures; then they do not tell how many have answered of those asked."""

    def met(self, world: World) -> None:
        world.move(closed(world, 40), "analyse", BY, analysis="All is well.")
        closed(world, 9)  # there is time left for this one

    def gap(self, world: World) -> None:
        Survey.objects.filter(status="analysed").update(figures={"strata": []})

    def repair(self, world: World) -> None:
        survey = Survey.objects.get(status="analysed")
        Survey.objects.filter(pk=survey.pk).update(figures=results.compute(survey))


@proof(
    "path of survey", rule="path_followed", machine="survey", population="surveys_closed",
    states=["planned", "sampled", "open", "closed"],
)  # fmt: skip
class Path:
    """The trail shows every step; of another survey it does not tell that anybody was drawn or asked."""

    def met(self, world: World) -> None:
        closed(world)

    def gap(self, world: World) -> None:
        day = timezone.localdate()
        other = world.create("survey", BY, title="Never asked", planned_on=day, closes_on=day)
        Survey.objects.filter(pk=other.pk).update(status="closed", closed_at=timezone.now())

    def repair(self, world: World) -> None:
        Survey.objects.filter(title="Never asked").update(closed_at=None)


@proof(
    "communicated", rule="communicated", about="surveys_closed", to="named_audience", purpose="satisfaction_report",
    within="survey_report_days", fields=["score", "response_rate", "conclusions"],
)  # fmt: skip
class Reported:
    """The results went to those named, with all that they have to tell; then the conclusions are missing."""

    def met(self, world: World) -> None:
        told = {"score": "4.2 of five", "response_rate": "61 %", "conclusions": "Answer sooner."}
        self.said = world.create(
            "communication", BY, direction="outbound", purpose="satisfaction_report", summary="Results",
            subject_ref=closed(world, 60).ref, audience="Management", occurred_at=ago(30), **told,
        )  # fmt: skip

    def gap(self, world: World) -> None:
        Communication.objects.filter(pk=self.said.pk).update(conclusions="")

    def repair(self, world: World) -> None:
        Communication.objects.filter(pk=self.said.pk).update(conclusions="Answer sooner.")


@proof("consent_offered_and_respected", rule="predicate", name="consent_offered_and_respected")
class Respected:
    """A contact was asked, and the letter named the way out; then it turns out to have been taken a day before."""

    def met(self, world: World) -> None:
        survey = closed(world)
        consents.offer(world.contact, "surveys", Actor.system("opt_out"))
        Invitation.objects.exclude(contact=world.contact).delete()
        Invitation.objects.filter(survey=survey).update(sent_at=timezone.now())
        self.bulk = world.create(
            "communication", "relationship_manager", direction="outbound", summary="News", bulk=True,
            customer=world.customer.ref, contact=world.contact.ref,
        )  # fmt: skip
        consents.offer(world.contact, "notices", Actor.system("opt_out"))

    def gap(self, world: World) -> None:
        actor = Actor.system("opt_out")
        values = {"contact": world.contact.ref, "purpose": "surveys", "type": "opt_out", "chosen_at": ago(1)}
        self.choice = write.create(kind_of(Consent), values, actor=actor, unit=world.contact.unit)

    def repair(self, world: World) -> None:
        Consent.objects.filter(pk=self.choice.pk).update(chosen_at=timezone.now())


@proof("consent_offered_and_respected", rule="predicate", name="consent_offered_and_respected")
class Offered(Respected):
    """Nothing says that the first notice to many named a way out."""

    def gap(self, world: World) -> None:
        Consent.objects.filter(purpose="notices").update(offered_at=timezone.now() + timedelta(days=3))

    def repair(self, world: World) -> None:
        Consent.objects.filter(purpose="notices").update(offered_at=ago(1))


@membership("survey_remarks")
def survey_remarks(world: World) -> tuple[list[Any], list[Any]]:
    questionnaire = made_questionnaire(world)
    survey = closed(world, questionnaire=questionnaire.ref)
    overall = str(questionnaire.questions.get(tag="overall").pk)

    def answer(score: int, **more: Any) -> SurveyResponse:
        values = {"survey": survey, "scores": {overall: score}, "answered_at": timezone.now(), **more}
        actor = Actor.system("survey_answer")
        made: SurveyResponse = write.create(kind_of(SurveyResponse), values, actor=actor, unit=survey.unit)
        return made

    return [answer(1), answer(4, wants_answer=True)], [answer(5), answer(2, answered_at=ago(500))]


@membership("surveys_of_period")
def surveys_of_period(world: World) -> tuple[list[Any], list[Any]]:
    return [closed(world)], [closed(world, 500)]
