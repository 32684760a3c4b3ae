"""The pages' own habits, shown on customers."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from comity.records import search, write
from comity.records.kind import kind_named
from comity.records.models import Entry, SavedView, Term
from comity.web import panels
from comity.web.export import harmless
from comity.web.finding import by_ref
from comity.web.templatetags.ui import initials
from tests.web.visitors import HTMX, stranger, visitor
from tests.worlds import World


@pytest.fixture
def manager(world: World):  # type: ignore[no-untyped-def]
    return visitor(world.person("relationship_manager"))


def text(response) -> str:  # type: ignore[no-untyped-def]
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode()


def test_markup_in_values_stays_text(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    world.create("customer", "relationship_manager", name="<script>alert(1)</script>")
    assert "<script>alert" not in text(manager.get("/customers/"))
    record = kind_named("customer").model.objects.get(name__startswith="<script>")
    assert "<script>alert" not in text(manager.get(record.url))


def test_pages_hold_no_inline_script_or_style(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    for url in ("/customers/", world.customer.url, "/customers/new/", "/search/?q=aster"):
        page = text(manager.get(url))
        assert " style=" not in page and "<style" not in page and "onclick" not in page and "<script>" not in page


def test_names_are_two_letters_in_the_round_sign() -> None:
    assert [initials(name) for name in ("Anna Maria Berg", "mei", "王小明", "")] == ["AB", "ME", "小明", "·"]


def test_first_visit_is_light(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    """105 kB compressed with everything, 10 kB for the page alone; one style sheet of at most 25 kB."""
    for n in range(50):
        world.create("customer", "relationship_manager", name=f"Customer with a name of usual length {n}")
    page = gzip.compress(manager.get("/customers/").content, 6)
    assert len(page) <= 10_000
    names = ("web/comity.css", "web/comity.js", "django_htmx/htmx-2.min.js", "web/icons.svg")
    sheet, *others = (Path(finders.find(name)).read_bytes() for name in names)
    assert len(sheet) <= 25_000
    assert len(page) + sum(len(gzip.compress(part, 6)) for part in (sheet, *others)) <= 105_000


def test_a_broken_cursor_is_a_bad_request(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    assert manager.get("/customers/", {"after": "zzz"}).status_code == 400
    assert manager.get("/customers/", {"sort": "password"}).status_code == 400
    assert manager.get("/nothing-here/").status_code == 404


def test_stale_form_shows_both_versions_and_keeps_what_was_typed(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    record = world.customer
    form = manager.get(f"{record.url}edit/").context["form"]
    typed = {bound.html_name: v for bound in form if (v := bound.field.widget.format_value(bound.value()))}
    write.update(record, {"name": "Theirs"}, actor=world.actor("relationship_manager"))
    sent = typed | {"name": "Mine", "version": record.version}
    answer = manager.post(f"{record.url}edit/", sent)
    assert answer.status_code == 409
    assert "Theirs" in text(answer) and 'value="Mine"' in text(answer)
    fresh = type(record).objects.get(pk=record.pk)
    assert fresh.name == "Theirs" and f'name="version" value="{fresh.version}"' in text(answer)
    assert manager.post(f"{record.url}edit/", sent | {"version": fresh.version}).status_code == 303
    assert type(record).objects.get(pk=record.pk).name == "Mine"


def test_step_asks_refuses_and_leads_on(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    record = world.create("customer", "relationship_manager", name="Fresh")
    dialog = manager.get(f"{record.url}activate/", headers=HTMX)
    assert dialog.status_code == 200 and "<html" not in text(dialog)
    done = manager.post(f"{record.url}activate/", {"version": record.version}, headers=HTMX)
    assert done.status_code == 204 and done["HX-Redirect"] == record.url
    again = manager.post(f"{record.url}activate/", {})
    assert again.status_code == 409 and "not possible" in text(again)
    assert manager.get(f"{record.url}fly/").status_code == 404


def test_note_files_and_follow(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    record = world.customer
    upload = SimpleUploadedFile("evil.html", b"<script>alert(1)</script>", content_type="text/html")
    assert manager.post(f"{record.url}post/", {"body": "Called.", "files": upload}).status_code == 303
    page = text(manager.get(record.url))
    assert "Called." in page and "evil.html" in page
    assert manager.post(f"{record.url}post/", {"body": " "}).status_code == 422
    manager.post(f"{record.url}follow/", {"on": "1"})
    assert "Unfollow" in text(manager.get(record.url))
    file = write.attach(record, SimpleUploadedFile("a.txt", b"x"), actor=world.actor("relationship_manager"))
    url = f"{record.url}files/{file.pk}/"
    answer = manager.get(url)
    assert answer["Content-Disposition"].startswith("attachment") and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/octet-stream"
    assert visitor(stranger()).get(url).status_code == 404
    other = world.create("customer", "relationship_manager", name="Other")
    assert manager.get(f"{other.url}files/{file.pk}/").status_code == 404


def test_links_show_on_both_ends(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    manager.post(f"{world.customer.url}link/", {"to": world.child.ref.lower()})
    assert world.child.ref in text(manager.get(world.customer.url))
    assert world.customer.ref in text(manager.get(world.child.url))


def test_bulk_asks_first_and_reports_each_refusal(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    fresh = world.create("customer", "relationship_manager", name="Fresh")
    ask = {"do": "step:activate", "tick": [fresh.ref, world.customer.ref], "query": ""}
    first = manager.post("/customers/bulk/", ask)
    assert first.status_code == 200 and fresh.ref in text(first)
    assert type(fresh).objects.get(pk=fresh.pk).status == fresh.status
    done = text(
        manager.post("/customers/bulk/", {"do": "step:activate", "refs": first.context["refs"], "confirm": "1"})
    )
    assert "Done for 1 record" in done and world.customer.ref in done and "not possible" in done
    assert type(fresh).objects.get(pk=fresh.pk).status == "active"
    everything = manager.post("/customers/bulk/", {"do": "edit:name", "all": "9", "query": "status=active"})
    assert len(everything.context["records"]) == 3


def test_views_and_columns_are_kept_per_person(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    answer = manager.post("/customers/views/", {"name": "Active", "query": "status=active", "pinned": "on"})
    assert answer["Location"].startswith("/customers/?status=active&view=")
    assert "Active" in text(manager.get("/pinned/")) and '<span class="n">2</span>' in text(manager.get("/pinned/"))
    other = visitor(world.person("process_manager"))
    assert "Active" not in text(other.get("/pinned/"))
    manager.post("/customers/views/", {"do": "columns", "col": ["name", "owner", "password"], "query": ""})
    heads = [head["label"] for head in manager.get("/customers/").context["heads"]]
    assert SavedView.objects.get(name="").query == "name,owner" and len(heads) <= 2


def test_export_is_readable_rows_and_chosen_columns_only(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    world.create("customer", "relationship_manager", name="=HYPERLINK(1)")
    lines = text(manager.get("/customers/export/", {"cols": "ref,name"})).lstrip("\ufeff").splitlines()
    assert lines[0] == "Reference,Name" and any(line.endswith("'=HYPERLINK(1)") for line in lines)
    book = manager.get("/customers/export/", {"format": "xlsx", "cols": "ref,name"})
    sheet = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert len(sheet) == len(lines) and [row[1] for row in sheet if "HYPER" in row[1]] == ["=HYPERLINK(1)"]
    assert len(text(visitor(stranger()).get("/customers/export/")).splitlines()) == 1


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_text_cannot_act_as_a_formula(value: str) -> None:
    assert harmless(value).startswith("'")
    assert harmless("a=1") == "a=1" and harmless(-1) == -1


def test_lookup_and_palette_know_only_what_is_readable(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    search.index(world.customer.kind, [world.customer])
    assert world.customer.ref in text(manager.get("/lookup/customer/", {"q": "Aster"}))
    assert world.customer.ref in text(manager.get("/lookup/customer/"))
    outsider = visitor(stranger())
    assert world.customer.ref not in text(outsider.get("/lookup/customer/", {"q": "Aster"}))
    assert outsider.get("/lookup/nothing/").status_code == 404
    assert world.customer.url in text(manager.get("/palette/", {"q": world.customer.ref.lower()}))
    assert world.customer.url not in text(outsider.get("/palette/", {"q": world.customer.ref}))
    here = text(manager.get("/palette/", {"q": "", "from": world.customer.url}))
    assert f"{world.customer.url}edit/" in here


def test_a_reference_is_found_however_it_is_typed(world: World) -> None:
    person, number = world.person("relationship_manager"), int(world.customer.ref[4:])
    for typed in (world.customer.ref, f"cus{number}", f"CUS-{number}"):
        assert by_ref(person, typed) == world.customer
    assert by_ref(person, "XYZ-1") is None and by_ref(person, "Aster") is None


def test_contacts_of_outside_parties_do_not_get_pages_for_staff(world: World) -> None:
    assert visitor(world.person("customer_contact")).get(world.customer.url).status_code == 404


def test_preferences_are_the_persons_own(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    answer = manager.post("/preferences/", {"theme": "dark", "next": "//evil.example/"})
    assert answer["Location"] == "/"
    assert 'data-theme="dark"' in text(manager.get("/customers/"))
    manager.post("/preferences/", {"language": "zh-hans", "next": "/customers/"})
    assert 'lang="zh-hans"' in text(manager.get("/customers/"))
    manager.post("/preferences/", {"theme": "neon"})
    assert 'data-theme="dark"' in text(manager.get("/customers/"))


def test_what_is_kept_for_a_language_is_for_its_readers_alone(world: World) -> None:
    """Side bar, filters, choice of columns and acts on many, whoever came first and whatever they asked."""
    reader, other = (world.person(role) for role in ("relationship_manager", "process_manager"))
    type(other).objects.filter(pk=other.pk).update(language="zh-hans")
    for person, words in ((reader, "Customers"), (other, "客户"), (reader, "Customers")):
        page = text(visitor(person).get("/customers/?status=active&cols=ref,name"))
        assert f"{words}</a>" in page
        assert (">Status<" in page, ">状态<" in page) == (person == reader, person == other)
        assert '<option value="active" selected>' in page and 'name="col" value="name" checked' in page
        plain = text(visitor(person).get("/customers/"))
        assert " selected>" not in plain and 'name="col" value="status" checked' in plain
        label = "Change" if person == reader else "修改"
        assert f'<optgroup label="{label}">' in plain


def test_trail_shows_old_and_new_in_words(world: World, manager) -> None:  # type: ignore[no-untyped-def]
    page = text(manager.get(world.customer.url))
    entry = Entry.objects.filter(kind="customer", record_id=world.customer.pk, act="activate").get()
    old, new = entry.changes["status"]
    labels = dict(kind_named("customer").field("status").flatchoices)
    assert f"<del>{labels[old]}</del>" in page and f"<ins>{labels[new]}</ins>" in page


def test_panels_of_rooms_appear(world: World, manager, monkeypatch, tmp_path, settings) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "extra.html").write_text("Extra of {{ record.ref }}: {{ figure }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    monkeypatch.setattr(panels, "_panels", [])

    @panels.panel("customer", "extra.html", place="side", label="Extra")
    def extra(record, request):  # type: ignore[no-untyped-def]
        return {"figure": 42}

    assert f"Extra of {world.customer.ref}: 42" in text(manager.get(world.customer.url))
    with pytest.raises(ValueError, match="main, side or tab"):
        panels.panel("customer", "extra.html", place="attic")


def test_a_long_list_of_terms_is_looked_up(world: World) -> None:
    for n in range(40):
        Term.objects.create(list="case_topic", code=f"t{n}", label=f"Topic {n}", label_zh=f"主题{n}")
    client = visitor(world.person("process_manager"))
    page = client.get("/cases/").content.decode()
    assert 'data-lookup="/lookup/term-case_topic/"' in page and "Topic 39" not in page
    assert 'value="t39"' in client.get("/lookup/term-case_topic/?q=topic+39").content.decode()
    assert client.get("/cases/?topic=Topic+39").status_code == 200
