"""What this room keeps: questionnaires with their questions, surveys with their samples, invitations and answers."""

from comity.satisfaction.models.asked import Ballot as Ballot
from comity.satisfaction.models.asked import Invitation as Invitation
from comity.satisfaction.models.asked import SurveyResponse as SurveyResponse
from comity.satisfaction.models.questionnaire import Questionnaire as Questionnaire
from comity.satisfaction.models.questionnaire import SurveyQuestion as SurveyQuestion
from comity.satisfaction.models.survey import Survey as Survey
from comity.satisfaction.models.survey import SurveySample as SurveySample
