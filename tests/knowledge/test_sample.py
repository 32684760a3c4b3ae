"""The articles of the sample organisation are published, in both languages."""

import pytest

from comity.cases.terms import seed
from comity.home.demonstration import Organisation
from comity.knowledge.models import KnowledgeArticle
from comity.records.models import Term


@pytest.mark.django_db
def test_the_sample_brings_articles() -> None:
    seed(Term)
    Organisation().found()
    assert KnowledgeArticle.objects.filter(status="published").count() == 5
