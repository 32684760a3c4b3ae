"""The letter says what the mail says, in the receiver's language, and nobody gets it who must not read it."""

import json
import re

import pytest

from comity.cases.letters import letter
from comity.communications.models import Communication
from comity.intake.public import tracking
from comity.records.models import Entry
from comity.reports import pdf
from comity.reports.models import Letterhead
from tests.cases.conftest import desk
from tests.reports.paper import pages, sizes_of, text_of
from tests.web.visitors import visitor
from tests.worlds import world

__all__ = ["desk", "world"]


def said_of(case):
    return Communication.objects.filter(subject_ref=case.ref, direction="outbound").order_by("-pk").first()


def address(case, said, end="pdf/"):
    return f"/cases/{case.ref}/letter/{said.ref}/{end}"


@pytest.fixture
def told(desk):
    case = desk.at("resolved")
    return case, said_of(case)


def test_the_letter_says_what_the_mail_says(desk, told):
    case, said = told
    Letterhead.objects.create(pk=1, name="Root Services", address="Quay 1\n20457 Hamburg")
    desk.world.customer.refresh_from_db()
    answer = visitor(desk.world.person("complaint_handler")).get(address(case, said))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = text_of(answer.content)
    for part in said.body.split():
        assert part in text, part
    for part in ("Root Services", "Quay 1", "Aster Group", "Ada Aster", case.ref, said.ref, "Yours sincerely"):
        assert part.replace(" ", "") in text, part
    assert pages(answer.content) == 1


def test_it_is_in_the_language_of_its_receiver(desk):
    contact = desk.world.create("contact", "relationship_manager", name="王小明", customer=desk.world.customer.ref,
                                language="zh-hans", postal_address="世纪大道 1 号\n上海")  # fmt: skip
    case = desk.at("acknowledged", contact=contact.ref)
    said = said_of(case)
    data = letter(case, said)
    assert data["lang"] == "zh" and data["to"] == ["Aster Group", "王小明", "世纪大道 1 号", "上海"]
    assert data["words"]["closing"].startswith("此致")
    text = text_of(pdf.printed("letter", data))
    assert "王小明" in text and "世纪大道1号" in text and said.summary.replace(" ", "") in text


def test_what_is_long_stays_on_its_paper_and_in_its_window(desk, told):
    data = letter(*told)
    assert pages(pdf.printed("letter", data)) == 1 and 10.5 in sizes_of(pdf.printed("letter", data))
    long = data | {"to": [f"{one} of the old and honourable association of all our harbours" for one in "ABCDEFGH"]}
    made = pdf.printed("letter", long)
    assert 10.5 not in sizes_of(made), "the address leaves the window"
    word = "https://example.org/" + "a" * 5000
    made = pdf.printed("letter", data | {"paragraphs": [word, "End."]})
    assert pages(made) > 1 and text_of(made).count("a") > 5000, "the word leaves the paper"


def test_the_same_letter_is_the_same_file(desk, told):
    data = letter(*told)
    order = json.dumps({"template": "letter", "data": data}).encode()
    first, warnings = pdf.run(order)
    assert warnings == [] and pdf.run(order)[0] == first
    assert b"/MarkInfo" in first and b"pdfuaid" in first and re.search(rb"/Lang ?\(en", first)


def test_markup_stays_text(desk):
    case = desk.register()
    data = letter(desk.step(case), said_of(case)) | {"paragraphs": ["#panic() $x$ *no* <b> & @ref \\ ```"]}
    assert "#panic()$x$*no*<b>&@ref\\```" in text_of(pdf.printed("letter", data))


def test_no_sign_keeps_paper_from_being_printed(desk):
    """What is invisible is left out; what no font of ours can show costs the mark of PDF/UA, not the document."""
    case = desk.register()
    data = letter(desk.step(case), said_of(case))
    for said, marked in (("Good\u200b day.\ufeff", True), ("Good \x01 สวัสดี 𒀀 \x80 day.", False)):
        order = json.dumps({"template": "letter", "data": data | {"paragraphs": [said]}}).encode()
        made, warnings = pdf.run(order)
        assert "Good" in text_of(made) and "day." in text_of(made)
        assert (b"pdfuaid" in made) == marked == (not warnings)


def test_a_secret_address_stands_on_no_paper(desk, told):
    case, said = told
    said.body = f"Good day.\n\nFollow it here: {tracking.MARK}\n\nYours."
    assert letter(case, said)["paragraphs"] == ["Good day.", "Yours."]


@pytest.mark.parametrize("name", ["supplier_manager", "customer_contact", "administrator"])
def test_who_cannot_read_the_case_gets_no_letter(desk, told, name):
    case, said = told
    before = Entry.objects.count()
    client = visitor(desk.world.person(name))
    assert [client.get(address(case, said, end)).status_code for end in ("", "pdf/")] == [404, 404]
    assert Entry.objects.count() == before


def test_who_complains_in_confidence_is_kept_from_the_auditor(desk):
    case = desk.at("acknowledged", confidential=True)
    said = said_of(case)
    assert visitor(desk.world.person("complaint_handler")).get(address(case, said)).status_code == 200
    assert visitor(desk.world.person("auditor")).get(address(case, said)).status_code == 404
    page = visitor(desk.world.person("auditor")).get(f"/communications/{said.ref}/")
    assert "/pdf/" not in page.content.decode()


def test_case_and_communication_lead_to_it(desk, told):
    case, said = told
    client = visitor(desk.world.person("complaint_handler"))
    assert address(case, said, "") in client.get(f"/cases/{case.ref}/?tab=said").content.decode()
    assert address(case, said) in client.get(f"/communications/{said.ref}/").content.decode()
    assert address(case, said) in client.get(address(case, said, "")).content.decode()


def test_an_inbound_message_is_no_letter_of_ours(desk, told):
    case, _said = told
    ref = desk.heard(case)
    assert visitor(desk.world.person("complaint_handler")).get(f"/cases/{case.ref}/letter/{ref}/").status_code == 404
