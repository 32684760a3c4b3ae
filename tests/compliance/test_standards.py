"""Standards of one's own, licensed texts, and what outlives them."""

from __future__ import annotations

import io
import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from comity.compliance import catalogue
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Answer, StandardFile
from comity.compliance.operations import standards
from comity.compliance.operations.computing import compute_and_keep, latest
from comity.compliance.operations.standards import NotTaken
from comity.records.models import Entry
from comity.records.trail import Actor
from tests.architecture.house import ROOT
from tests.compliance.test_catalogue import ENTRY, standard
from tests.worlds import World, days_ago


def written(folder: Path, told: Any, name: str = "own-rules.yaml") -> Path:
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")  # which is YAML, too
    return path


def actor() -> Actor:
    return Actor.system("standard_added", via="cli")


def add(folder: Path, told: Any, name: str = "own-rules.yaml") -> standards.Taken:
    return standards.add(written(folder, told, name), actor())


def asked(name: str) -> Answer:
    from comity.compliance.operations.computing import answers

    return answers(Inquiry(), [catalogue.requirements()[name]])[0]


def test_a_standard_is_added_and_answered_at_once(world: World, tmp_path: Path) -> None:
    before = list(catalogue.standards())
    taken = add(tmp_path, standard(ENTRY))
    assert taken.new == ("OWN-1",)
    assert list(catalogue.standards()) == [*before, "own-rules"]
    assert asked("OWN-1").population == 2
    assert Entry.objects.filter(kind="standardfile", act="add").count() == 1


def test_the_same_content_is_taken_once(world: World, tmp_path: Path) -> None:
    add(tmp_path, standard(ENTRY))
    again = add(tmp_path, standard(ENTRY))
    assert again.known
    assert StandardFile.objects.count() == 1


@pytest.mark.slow
def test_a_new_version_tells_what_is_new_changed_and_gone_and_keeps_history(world: World, tmp_path: Path) -> None:
    second = {**deepcopy(ENTRY), "id": "OWN-2"}
    add(tmp_path, standard(ENTRY, second))
    compute_and_keep(Inquiry())
    waiver = world.create("waiver", "senior_manager", requirement="OWN-2", reason="Small.", ends_on=days_ago(-30))
    taken = add(tmp_path, standard({**ENTRY, "text": "Keep them wide open."}, {**ENTRY, "id": "OWN-3"}))
    assert (taken.new, taken.changed, taken.vanished) == (("OWN-3",), ("OWN-1",), ("OWN-2",))
    waiver.refresh_from_db()
    assert (waiver.requirement, waiver.status) == ("OWN-2", "granted")
    assert Answer.objects.filter(requirement="OWN-2").count() == 1
    assert standards.gone() == ["OWN-2"]
    assert "OWN-2" not in latest()
    look = compute_and_keep(Inquiry())
    assert look is not None
    assert look.gone == ["OWN-2"]


@pytest.mark.parametrize(
    ("told", "name", "said"),
    [
        ("entries: [", "own.yaml", "YAML"),
        (standard({**ENTRY, "rule": "linkd"}), "own.yaml", "linked"),
        (standard(ENTRY), "csms-2003.yaml", "texts_of"),
        (standard({**ENTRY, "id": "CSMS-4.1-a"}), "own.yaml", "Another standard"),
        ({"schema": "requirements/2", "texts_of": "csms-2004", "entries": [ENTRY]}, "own.yaml", "csms-2003"),
    ],
)
def test_what_is_wrong_is_not_taken(world: World, tmp_path: Path, told: Any, name: str, said: str) -> None:
    with pytest.raises(NotTaken, match=said):
        add(tmp_path, told, name)
    assert not StandardFile.objects.exists()
    assert len(catalogue.standards()) == 5


def test_a_file_that_cannot_be_read_says_so(world: World, tmp_path: Path) -> None:
    with pytest.raises(NotTaken, match="path"):
        standards.add(tmp_path / "none.yaml", actor())
    (tmp_path / "odd.yaml").write_bytes(b"title: \xff")
    with pytest.raises(NotTaken, match="UTF-8"):
        standards.add(tmp_path / "odd.yaml", actor())


def entries(count: int, **fields: Any) -> list[dict[str, Any]]:
    """So many, each answered by the one before it or below it."""
    made = [{**ENTRY, "id": f"OWN-{n}"} for n in range(count)]
    for n in range(1, count):
        made[n] |= {name: told(f"OWN-{n - 1}") for name, told in fields.items()}
    return made


BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\nb: [*a, *a]\n"
HOSTILE = [
    ("a bomb", BOMB, "References"),
    ("a circle", "a: &a [*a]\n", "References"),
    ("depths", "a: " + "[" * 5000, "deep"),
    ("something twice", "title: a\ntitle: b\n", "line 1: .title. is said twice"),
    ("numbers as names", "1: a\n", "words as names"),
    ("lists as names", "? [a]\n: b\n", "words as names"),
    ("a program", "a: !!python/object/apply:os.system [id]\n", "named fields"),
    ("a set", "a: !!set {b}\n", "named fields"),
    ("a zero", 'a: "\\0"\n', "sign"),
    ("no number", "a: .nan\n", "sign"),
    ("a huge number", f"a: {'9' * 5000}\n", "sign"),
    ("a huge file", "a: " + "a" * (4 << 20), "larger"),
    ("nothing", "", "no list"),
    ("two in one", "a: 1\n---\nb: 1\n", "YAML"),
    ("no day", "title: 2026-02-31\n", "schema"),
    ("a title of lists", {**standard(), "title": ["a"]}, "title"),
    ("no second title", {**standard(), "title_zh": None}, "title_zh"),
    ("exclusions of lists", standard(exclusions={"never": [["OWN-1"]]}), "exclusions"),
    ("signs that are nothing", standard(proxy_checks=7), "proxy_checks"),
    ("sections that are nothing", standard(sections=["s1"]), "sections"),
    ("an address as id", standard({**ENTRY, "id": "a/../b"}), "id"),
    ("the id of a page", standard({**ENTRY, "id": "export"}), "A page of Comity"),
    ("a parent of lists", standard({**ENTRY, "parent": [["a"]]}), "parent"),
    ("a parent elsewhere", standard({**ENTRY, "parent": "CSMS-4.1-a"}), "parent"),
    ("a repetition of lists", standard({**ENTRY, "same_as": {"a": 1}}), "same_as"),
    ("a predicate of lists", standard({**ENTRY, "rule": "predicate", "with": {"name": [{"a": 1}]}}), "with.name"),
    ("a machine of lists", standard({**ENTRY, "rule": "path_followed", "with": {"machine": [{}]}}), "with.machine"),
    ("a number below nought", standard({**ENTRY, "with": {**ENTRY["with"], "min": -1}}), "36600"),
    ("many ancestors", standard(*entries(30, parent=str)), "entries deep"),
    ("a long way", standard(*entries(30, rule=lambda _id: "all_of", **{"with": lambda one: {"of": [one]}})), "Shorten"),
    ("faults without end", standard(*[{"id": f"A-{n}"} for n in range(5000)]), "A-7"),
]  # fmt: skip


def test_hostile_files_are_refused_in_words(tmp_path: Path, world: World) -> None:
    for what, told, said in HOSTILE:
        with pytest.raises(NotTaken) as refused:
            add(tmp_path, told, "own.yaml")
        assert re.search(said, str(refused.value)), (what, str(refused.value))
        assert len(refused.value.faults) <= 100, what
    assert not StandardFile.objects.exists()


def test_an_entry_is_not_answered_by_itself_over_others(world: World, tmp_path: Path) -> None:
    add(tmp_path, standard(ENTRY))
    part = {"rule": "all_of", "with": {"of": ["OWN-1"]}}
    add(tmp_path, standard({**ENTRY, "id": "OTHER-1", "rule": "all_of", "with": {"parts": [part]}}), "other.yaml")
    back = {**ENTRY, "rule": "same_as", "same_as": "OTHER-1", "with": {"id": "OTHER-1"}}
    with pytest.raises(NotTaken, match="answered by itself"):
        add(tmp_path, standard(back))
    with pytest.raises(NotTaken, match="OTHER-1"):
        standards.remove("own-rules", actor())
    assert asked("OWN-1").population == 2


def test_a_standard_does_not_hide_behind_a_page(world: World, tmp_path: Path) -> None:
    for name in ("packs", "changes", "none", "assessments"):
        with pytest.raises(NotTaken, match="A page of Comity"):
            add(tmp_path, standard(ENTRY), f"{name}.yaml")
    assert not StandardFile.objects.exists()


def test_licensed_texts_change_what_is_shown_and_no_rule(world: World, tmp_path: Path) -> None:
    name = "CSMS-4.1-a"
    ours = catalogue.requirements()[name]
    told = {"schema": "requirements/2", "texts_of": "csms-2003", "entries": [{"id": name, "text": "As licensed."}]}
    add(tmp_path, told, "licensed.yaml")
    shown = catalogue.requirements()[name]
    assert shown.text == "As licensed."
    assert (shown.text_zh, shown.use, shown.check) == (ours.text_zh, ours.use, ours.check)
    standards.remove("csms-2003", actor())
    assert catalogue.requirements()[name].text == ours.text


def test_a_shipped_standard_stays(world: World) -> None:
    with pytest.raises(NotTaken, match="stays"):
        standards.remove("csms-2003", actor())
    assert "csms-2003" in catalogue.standards()


def test_what_others_are_answered_by_is_not_taken_away(world: World, tmp_path: Path) -> None:
    add(tmp_path, standard(ENTRY))
    leaning = {**ENTRY, "id": "OTHER-1", "rule": "all_of", "with": {"of": ["OWN-1"]}}
    add(tmp_path, standard(leaning), "other.yaml")
    with pytest.raises(NotTaken, match="OTHER-1"):
        standards.remove("own-rules", actor())
    with pytest.raises(NotTaken, match="OTHER-1"):
        add(tmp_path, standard({**ENTRY, "id": "OWN-2"}))
    assert "OWN-1" in catalogue.requirements()


def test_the_catalogue_is_read_again_only_when_it_changed(
    world: World, tmp_path: Path, django_assert_num_queries: Any
) -> None:
    catalogue.requirements()
    with django_assert_num_queries(1):
        first = catalogue.requirements()
    assert catalogue.requirements() is first
    add(tmp_path, standard(ENTRY))
    assert "OWN-1" in catalogue.requirements()
    with django_assert_num_queries(0):
        assert catalogue.entry("CSMS-4.1-a") is not None


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("standard", *words, stdout=out)
    return out.getvalue()


def test_the_command_adds_lists_and_removes(world: World, tmp_path: Path) -> None:
    path = written(tmp_path, standard(ENTRY))
    assert "OWN-1" in run("add", str(path))
    assert "already" in run("add", str(path))
    assert "own-rules" in run("list")
    assert "--yes" in run("remove", "own-rules")
    assert "own-rules" in catalogue.standards()
    run("remove", "own-rules", "--yes")
    assert "own-rules" not in catalogue.standards()
    with pytest.raises(CommandError, match="stays"):
        run("remove", "csms-2003", "--yes")
    with pytest.raises(CommandError, match=r"own\.yaml, OWN-1, rule"):
        run("add", str(written(tmp_path, standard({**ENTRY, "rule": "x"}), "own.yaml")))


def test_a_standard_is_called_in_the_readers_language(world: World) -> None:
    with translation.override("zh-hans"):
        assert str(catalogue.standards()["csms-2003"]) == "客户服务管理标准 CSMS:2003"


def test_the_example_of_the_guide_can_be_taken_in(world: World, tmp_path: Path) -> None:
    guide = (ROOT / "docs/how-to/add-a-standard.md").read_text("utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    assert add(tmp_path, example, "partners.yaml").new == ("OWN-1",)
    assert asked("OWN-1").own in ("met", "gap")
