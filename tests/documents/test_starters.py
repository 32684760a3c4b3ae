"""Starters hold what the catalogue asks for, in both languages, and nothing that it does not know (CSMS:2003 13.1)."""

import re

import pytest

from comity.compliance import catalogue
from comity.compliance.panels import Asked, asked_of, points
from comity.documents import operations, starters
from comity.documents.models import Document, DocumentVersion
from comity.documents.types import CLASSES, DocumentType

TAGS = catalogue.words().tags
SHIPPED = catalogue.shipped().requirements.values()


def _asked(type: str, process: str = "customer_relationship") -> list[Asked]:
    return asked_of(Document(type=type, process=process), SHIPPED)


WITH_RULE = [type for type in DocumentType.values if _asked(type)]


def test_types_and_their_classes_are_those_of_the_vocabulary() -> None:
    told = TAGS["document_types"]
    assert set(DocumentType.values) == {*told, "other"}
    assert {type: sort for sort, types in CLASSES.items() for type in types} == {
        type: what["class"] for type, what in told.items()
    }


def test_every_type_that_a_rule_asks_for_has_a_starter() -> None:
    assert len(WITH_RULE) > 30
    assert not set(WITH_RULE) - set(starters.types())


@pytest.mark.parametrize("type", starters.types())
def test_its_sections_are_those_of_the_type(type: str) -> None:
    begun = starters.starter(type)
    assert begun is not None
    tags = [section.tag for section in begun.sections]
    known = TAGS["survey_questions"] if type == "questionnaire" else TAGS["document_types"][type]["sections"]
    assert sorted(tags) == sorted(known)
    assert begun.sections or begun.body.en
    assert {name for section in begun.sections for name in section.fields} <= set(TAGS["section_fields"])


@pytest.mark.parametrize("type", starters.types())
def test_it_speaks_both_languages(type: str) -> None:
    begun = starters.starter(type)
    assert begun is not None
    said = [begun.title, *(words for one in begun.sections for words in (one.title, one.text))]
    said += [begun.body] if begun.body.en or begun.body.zh else []
    for words in said:
        assert words.en and words.zh and not re.search("[\u4e00-\u9fff]", words.en)
        assert re.search("[\u4e00-\u9fff]", words.zh), words


@pytest.mark.parametrize("type", WITH_RULE)
def test_it_states_everything_that_is_asked(type: str) -> None:
    """With every section drafted, only what the organisation must fill in itself may be missing."""
    begun = starters.starter(type)
    assert begun is not None
    document = Document(type=type, process=begun.process or "customer_relationship")
    asked = asked_of(document, SHIPPED)
    empty = points(DocumentVersion(document=document), asked)
    version = DocumentVersion(document=document, sections={one.tag: one.drafted("en") for one in begun.sections})
    found = points(version, asked)
    assert all(one.written for one in found)
    offered = {label for one in begun.sections for _name, label in one.labels}
    assert all(set(one.missing) <= offered for one in found)
    assert len(empty) == len(found)


def test_fields_have_labels() -> None:
    assert set(starters.FIELDS) == set(TAGS["section_fields"])


def test_one_press_makes_a_draft_of_each(world) -> None:
    for type in starters.types():
        made = operations.from_starter(type, "en", world.actor("process_manager"))
        assert made.status == "draft" and made.whole


def test_there_is_none_of_other_types(world) -> None:
    with pytest.raises(KeyError):
        operations.from_starter("other", "en", world.actor("process_manager"))
    assert not Document.objects.filter(type="other").exists()
