"""On the page of a document: what the catalogue's own rules ask of it, and what its version has."""

import pytest
from django.test import Client

from comity.compliance import catalogue
from comity.compliance.panels import asked_of, points
from comity.documents.models import Document, DocumentVersion
from tests.documents.test_versions import draft
from tests.worlds import publish

SHIPPED = catalogue.shipped().requirements.values()
FULL = {"text": "Said.", "fields": {}}


@pytest.mark.parametrize(
    ("type", "requirement", "tags"),
    [
        ("customer_service_policy", "CSMS-4.3", {"charter", "core_values", "complaint_commitment"}),
        ("complaint_procedure", "CSMS-10", {"risk_assessment", "rapid_response"}),
        ("dispute_procedure", "ISO20000-7.2", {"notice", "settlement"}),
    ],
)
def test_the_catalogue_says_which_sections(type: str, requirement: str, tags: set[str]) -> None:
    asked = asked_of(Document(type=type), SHIPPED)
    found = points(DocumentVersion(document=Document(type=type)), asked)
    assert any(one.requirement.id.startswith(requirement) for one in asked)
    wanted = {tag for one in asked for tag in one.sections}
    assert tags <= wanted and len(found) == len(wanted)
    assert not any(one.good for one in found)


def test_a_process_is_asked_of_its_own_document_only() -> None:
    def ids(process: str) -> set[str]:
        return {one.requirement.id for one in asked_of(Document(type="process_document", process=process), SHIPPED)}

    assert ids("customer_relationship") and not ids("no_such_process") & ids("customer_relationship")


def test_a_section_is_complete_when_it_states_what_is_asked() -> None:
    document = Document(type="complaint_procedure")
    asked = asked_of(document, SHIPPED)

    def recording(**fields: str) -> tuple[bool, list[str]]:
        sections = {"recording": {"text": "Said.", "fields": fields}}
        version = DocumentVersion(document=document, sections=sections)
        one = next(one for one in points(version, asked) if "Recording" in one.label)
        return one.good, one.missing

    assert recording() == (False, ["responsible role", "time limit"])
    assert recording(responsible_role="desk") == (False, ["time limit"])
    assert recording(responsible_role="desk", time_limit="1 bd") == (True, [])


def test_the_page_measures_what_holds(world) -> None:
    old = publish(world, 20, "x", title="Dispute", type="dispute_procedure")
    draft(world, old.document, sections={"notice": FULL})
    client = Client()
    client.force_login(world.person("process_manager"))
    page = client.get(old.document.url).content.decode()
    size = len({tag for one in asked_of(old.document) for tag in one.sections})
    assert f"0 of {size} sections" in page and "in v1" in page
    page = client.get(old.document.versions.get(status="draft").url).content.decode()
    assert f"1 of {size} sections" in page
    name = next(one.requirement for one in asked_of(old.document))
    assert f"/compliance/{name.standard}/{name.id}/" in page
    client.force_login(world.person("service_desk"))
    page = client.get(old.document.url).content.decode()
    assert f"0 of {size} sections" in page


def test_other_types_are_asked_nothing() -> None:
    assert asked_of(Document(type="other"), SHIPPED) == []
