"""How articles answer to the requirements. Publishing one is looking at it anew; answering with it is using it."""

from comity.knowledge.models import KnowledgeArticle
from comity.records.facts import Fact, vocabulary

vocabulary(
    "knowledge_article", KnowledgeArticle,
    audience=Fact("shown_audience", words={"customer": ("public",), "staff": ("internal",)}),
    reviewed_at="published_at", occurred_at="published_at",
)  # fmt: skip
