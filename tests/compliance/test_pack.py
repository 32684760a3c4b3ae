"""Evidence packs: frozen, sealed, the same for the same moment; checked anywhere, compared, and within rights."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.module_loading import import_string

from comity.accounts.models import Person
from comity.compliance.catalogue import standards
from comity.compliance.inquiry import Inquiry
from comity.compliance.models import Pack
from comity.compliance.operations import packing
from comity.compliance.operations.computing import answers
from comity.compliance.operations.moments import moment
from comity.compliance.operations.scope import limit, scope_of
from comity.compliance.pack import comparing, paper
from comity.compliance.pack.frozen import Frozen, Seen
from comity.compliance.pack.verifying import Broken, verify
from comity.compliance.pages.packs import TASK
from comity.jobs.models import Job
from comity.records.access import readable
from comity.records.kind import kind_named
from comity.records.models import Entry, writing
from tests.compliance.proofs.assessments import planned
from tests.web.visitors import visitor
from tests.worlds import World

CODE = "iso20000-1-2011-7"


def made(world: World, path: Path, who: str = "process_manager", **more: Any) -> packing.Made:
    return packing.make(path, more.pop("as_of", timezone.now()), world.person(who), **{"standard": CODE, **more})


@pytest.fixture
def pack(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "pack.zip"
    made(world, path)
    return path


class TestMaking:
    def test_holds_verdicts_records_documents_and_papers(self, world: World, pack: Path) -> None:
        found = verify(pack)
        names = {row["path"] for row in found.manifest["entries"]}
        assert names >= {
            "verdicts.jsonl", "verdicts.csv", "index.html", "index.pdf", "worksheet.xlsx", "verify.py",
            "oscal/catalog.json", "oscal/assessment-plan.json", "oscal/assessment-results.json",
            "records/customer.jsonl", "records/customer.csv", f"documents/{world.definition.ref}.md",
        }  # fmt: skip
        assert found.counts["requirements"] == 83
        assert found.counts["records"]["customer"] == 2
        with zipfile.ZipFile(pack) as archive:
            page = archive.read("index.html").decode()
            assert archive.read("index.pdf").startswith(b"%PDF")
        assert "<script" not in page and "ISO20000-7.1-02" in page

    def test_the_same_moment_gives_the_same_bytes(self, world: World, tmp_path: Path) -> None:
        as_of = timezone.now()
        first, second = tmp_path / "a.zip", tmp_path / "b.zip"
        made(world, first, as_of=as_of)
        world.create("customer", "relationship_manager", name="Later Ltd")
        made(world, second, as_of=as_of)
        rows = [verify(one).manifest["entries"] for one in (first, second)]
        assert rows[0] == rows[1]
        manifests = [verify(one).manifest for one in (first, second)]
        assert {name for name in manifests[0] if manifests[0][name] != manifests[1][name]} == {"made_at"}

    def test_tells_which_limits_were_loosened(self, world: World) -> None:
        now, told = timezone.now(), [["complaint_ack", 8, 16]]
        (kept,) = answers(Inquiry(now), standards()[CODE].requirements[:1])
        kept.loosened = told
        kept.save()
        frozen = Frozen.at(now, CODE, Seen(world.person("process_manager")))
        assert [one["loosened"] for one in frozen.verdicts if one["loosened"]] == [told]
        assert [line.loosened for line in paper.stated(frozen, [], []).lines.values() if line.loosened]

    def test_in_chinese(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "zh.zip"
        made(world, path, language="zh-hans")
        with zipfile.ZipFile(path) as archive:
            assert "<html lang='zh-Hans'>" in archive.read("index.html").decode()
        assert verify(path).manifest["language"] == "zh-hans"

    def test_of_an_unknown_standard_leaves_nothing(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(KeyError):
            made(world, tmp_path / "x.zip", standard="none-such")
        assert not list(tmp_path.iterdir())

    def test_all_standards_together(self, world: World, tmp_path: Path) -> None:
        made(world, tmp_path / "all.zip", standard="")
        assert verify(tmp_path / "all.zip").counts["requirements"] == 622

    def test_one_maker_at_a_time_and_nothing_half_is_left(
        self, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with packing.alone(tmp_path / "x.zip.part"), pytest.raises(BlockingIOError, match="making it"):
            made(world, tmp_path / "x.zip")
        assert [one.name for one in tmp_path.iterdir()] == ["x.zip.part"], "what the other writes is left alone"

        def interrupted(*_given: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(packing, "_verdicts", interrupted)
        with pytest.raises(KeyboardInterrupt):
            made(world, tmp_path / "x.zip")
        assert not list(tmp_path.iterdir())

    def test_tells_how_far_it_is(self, world: World, tmp_path: Path) -> None:
        steps: list[tuple[int, int]] = []
        made(world, tmp_path / "x.zip", told=lambda done, total: steps.append((done, total)))
        assert steps == [(n, packing.STEPS) for n in range(packing.STEPS + 1)]


class TestRights:
    def complaint(self, world: World, **more: Any) -> Any:
        return world.create(
            "case", "complaint_handler", classification="complaint", customer=world.customer.ref,
            service=world.service.ref, contact=world.contact.ref, description="Secret words.", channel="phone",
            wanted_remedy="unknown", **more,
        )  # fmt: skip

    def text(self, path: Path) -> str:
        with zipfile.ZipFile(path) as archive:
            return "\n".join(
                archive.read(name).decode() for name in archive.namelist() if name.startswith("records/case")
            )

    def test_a_restricted_complainant_is_never_named(self, world: World, tmp_path: Path) -> None:
        case = self.complaint(world)
        made(world, tmp_path / "a.zip", who="operations_director")
        assert world.contact.ref in self.text(tmp_path / "a.zip")
        with writing():
            type(case).objects.filter(pk=case.pk).update(restricted=True, confidential=True)
        made(world, tmp_path / "b.zip", who="operations_director")
        told = self.text(tmp_path / "b.zip")
        assert case.ref in told and world.contact.ref not in told

    def test_records_of_other_units_are_counted_and_not_shown(self, world: World, tmp_path: Path) -> None:
        made(world, tmp_path / "a.zip", who="northerner")
        found = verify(tmp_path / "a.zip")
        assert found.manifest["withheld"] > 0
        assert not found.counts["records"].get("customer")

    @pytest.mark.parametrize(
        ("who", "may"),
        [("process_manager", True), ("senior_manager", True), ("internal_assessor", True), ("auditor", False),
         ("complaint_handler", False), ("customer_contact", False)],
    )  # fmt: skip
    def test_who_takes_away_a_pack_of_somebody_else(self, world: World, who: str, may: bool) -> None:
        pack = Pack(reader=world.person("operations_director"), as_of=timezone.now())
        assert packing.may_take(world.person(who), pack) is may
        pack.reader = world.person("auditor")
        assert packing.may_take(world.person("auditor"), pack)


class TestSeal:
    def test_stands_in_the_trail(self, world: World) -> None:
        person = world.person("process_manager")
        pack = Pack.objects.create(standard=CODE, as_of=timezone.now(), maker=person, reader=person)
        killed = pack.path.with_name("9.zip.part")
        killed.parent.mkdir(parents=True, exist_ok=True)
        killed.write_bytes(b"half")
        packing.fill(pack)
        assert not killed.exists(), "what a maker who was killed left goes"
        assert pack.ready and pack.seal == verify(pack.path).seal
        entry = Entry.objects.get(kind="pack", act="sealed")
        assert entry.changes["seal"] == [None, pack.seal]
        before = pack.path.read_bytes()
        packing.fill(pack)
        assert pack.path.read_bytes() == before and Entry.objects.filter(act="sealed").count() == 1
        pack.path.unlink()


class TestCompare:
    def test_tells_what_changed_between_two_moments(self, world: World, pack: Path, tmp_path: Path) -> None:
        new = world.create("customer", "relationship_manager", name="New Ltd")
        new = world.move(new, "activate", "relationship_manager")
        world.move(world.child, "end", "relationship_manager", note="Gone.")
        later = tmp_path / "later.zip"
        made(world, later)
        found = comparing.compare(pack, later)
        told = {(one.kind, one.name): one for one in found.changes}
        assert told["customer", new.ref].before == "" and told["customer", new.ref].after == "active"
        assert told["customer", world.child.ref].after == ""
        assert not comparing.compare(pack, pack).changes

    def test_of_a_broken_one_says_so(self, pack: Path, tmp_path: Path) -> None:
        (tmp_path / "x.zip").write_bytes(b"x")
        with pytest.raises(Broken):
            comparing.compare(pack, tmp_path / "x.zip")

    def test_agrees_with_the_past(self, world: World, tmp_path: Path) -> None:
        as_of = timezone.now()
        made(world, tmp_path / "then.zip", as_of=as_of)
        world.move(world.child, "end", "relationship_manager", note="Gone.")
        made(world, tmp_path / "again.zip", as_of=as_of + timedelta(microseconds=0))
        assert not comparing.compare(tmp_path / "then.zip", tmp_path / "again.zip").changes


class TestPages:
    PAGE = "/compliance/packs/"

    def work(self) -> None:
        for job in Job.objects.filter(name=TASK, state=Job.State.READY):
            import_string(job.name).call(*job.args)
            job.delete()

    def test_asked_for_made_by_the_worker_and_taken_away(self, world: World) -> None:
        client = visitor(world.person("process_manager"))
        assert client.post(self.PAGE, {"standard": CODE}).status_code == 303
        pack = Pack.objects.get()
        assert "hx-get" in client.get(f"{self.PAGE}progress/").content.decode()
        for done, words in ((0, "Looks up"), (1, "Reads the records"), (packing.STEPS, "Closes and seals")):
            Job.objects.filter(name=TASK).update(done=done, total=packing.STEPS)
            told = client.get(f"{self.PAGE}progress/").content.decode()
            assert words in told and "<progress aria-label" in told, "it moves, without a share that stands still"
        assert client.get(f"{self.PAGE}{pack.pk}/").status_code == 404, "it is not made yet"
        self.work()
        answer = client.get(f"{self.PAGE}{pack.pk}/")
        assert b"".join(answer.streaming_content).startswith(b"PK")
        assert verify(Pack.objects.get().path).seal in client.get(self.PAGE).content.decode()
        differences = client.get(f"{self.PAGE}differences/?first={pack.pk}&second={pack.pk}")
        assert "Nothing differs" in differences.content.decode()
        pack.path.unlink()

    def filled(self, world: World, reader: str = "process_manager") -> Pack:
        maker = world.person("process_manager")
        made = Pack.objects.create(standard=CODE, as_of=timezone.now(), maker=maker, reader=world.person(reader))
        packing.fill(made)
        return made

    def test_a_change_shows_between_two_and_one_is_thrown_away_in_sight(self, world: World) -> None:
        client, first = visitor(world.person("process_manager")), self.filled(world)
        content = first.path.read_bytes()
        world.move(world.child, "end", "relationship_manager", note="Gone.")
        second = self.filled(world, "auditor")
        assert first.path.read_bytes() == content, "what is frozen stays"
        page = client.get(f"{self.PAGE}differences/?first={first.pk}&second={second.pk}").content.decode()
        assert f'<a href="{world.child.url}">{world.child.ref}</a>' in page and "Nothing differs" not in page
        assert "<h2>Customers " in page and ">Active</td>" in page, "told in words"

        address = f"{self.PAGE}{first.pk}/discard/"
        refused = [
            (visitor(world.person("auditor")).post(f"{self.PAGE}{second.pk}/discard/", {"reason": "Mine."}), 403),
            (visitor(world.person("auditor")).get(f"{self.PAGE}{second.pk}/discard/"), 403),
            (visitor(world.person("auditor")).get(address), 404),
            (visitor(world.person("complaint_handler")).post(address, {"reason": "Old."}), 403),
            (client.post(address, {"reason": " "}), 422),
        ]
        assert [answer.status_code for answer, _status in refused] == [status for _answer, status in refused]
        assert first.seal in client.get(address).content.decode(), "what goes is shown"
        assert first.path.is_file() and second.path.is_file() and not Entry.objects.filter(act="discarded").exists()

        assert client.post(address, {"reason": "Superseded."}).status_code == 303
        assert not first.path.exists()
        entry = Entry.objects.get(kind="pack", act="discarded")
        assert entry.changes["seal"] == [first.seal, None] and entry.note == "Superseded."
        shown = client.get(self.PAGE).content.decode()
        assert first.seal in shown and "Superseded." in shown
        packing.fill(first)
        assert not first.path.exists(), "nobody makes it again"
        for status, page in ((404, client.get(address)), (404, client.get(f"{self.PAGE}{first.pk}/"))):
            assert page.status_code == status
        second.path.unlink()

    @pytest.mark.parametrize("data", [{"standard": "none"}, {"standard": CODE, "day": "2999-01-01"}])
    def test_nonsense_is_refused(self, world: World, data: dict[str, str]) -> None:
        assert visitor(world.person("process_manager")).post(self.PAGE, data).status_code == 422
        assert not Pack.objects.exists() and not Job.objects.filter(name=TASK).exists()

    @pytest.mark.parametrize(
        ("who", "status"), [("auditor", 403), ("complaint_handler", 403), ("customer_contact", 404)]
    )
    def test_others_ask_for_none(self, world: World, who: str, status: int) -> None:
        client = visitor(world.person(who))
        assert client.post(self.PAGE, {"standard": CODE}).status_code == status
        assert not Pack.objects.exists()

    @pytest.mark.parametrize("query", ["", "first=x&second=1", "first=1&second=99999999999", "first=1&second=2"])
    def test_differences_of_nothing_are_not_found(self, world: World, query: str) -> None:
        assert visitor(world.person("process_manager")).get(f"{self.PAGE}differences/?{query}").status_code == 404


class TestOutsideAuditor:
    """Reads one standard, takes away what was made for him, and nothing of another scope."""

    def invited(self, world: World) -> Any:
        auditor = world.person("auditor")
        limit(auditor, [CODE], world.actor("process_manager"))
        return auditor

    def test_sees_the_standard_of_his_scope_and_no_other(self, world: World) -> None:
        client = visitor(self.invited(world))
        assert client.get(f"/compliance/{CODE}/").status_code == 200
        assert client.get("/compliance/csms-2003/").status_code == 404
        assert client.get("/compliance/csms-2003/CSMS-4.1-a1/").status_code == 404

    def test_assessments_of_others_are_hidden(self, world: World) -> None:
        auditor = self.invited(world)
        other = planned(world)
        mine = planned(world, standard=CODE, area="7.1")
        found = set(readable(kind_named("assessment"), auditor).values_list("ref", flat=True))
        assert found == {mine.ref} and other.ref not in found

    def test_takes_only_packs_of_his_scope_that_were_made_for_him(self, world: World) -> None:
        auditor = self.invited(world)
        mine = Pack(reader=auditor, standard=CODE, as_of=timezone.now())
        assert packing.may_take(auditor, mine)
        for standard, reader in (("", auditor), ("csms-2003", auditor), (CODE, world.person("process_manager"))):
            assert not packing.may_take(auditor, Pack(reader=reader, standard=standard, as_of=timezone.now()))

    def test_nobody_makes_him_one_of_another_scope(self, world: World) -> None:
        auditor = self.invited(world)
        client = visitor(world.person("process_manager"))
        asked = {"standard": "csms-2003", "reader": auditor.pk}
        assert client.post("/compliance/packs/", asked).status_code == 422
        assert not Pack.objects.exists()
        assert client.post("/compliance/packs/", asked | {"standard": CODE}).status_code == 303
        assert Pack.objects.get().reader == auditor

    def test_the_scope_stands_in_the_trail_and_binds_nobody_else(self, world: World) -> None:
        self.invited(world)
        assert Entry.objects.get(act="scoped").changes == {"standards": [[], [CODE]]}
        limit(world.person("process_manager"), [CODE], world.actor("process_manager"))
        assert visitor(world.person("process_manager")).get("/compliance/csms-2003/").status_code == 200

    def test_is_invited_with_it(self, world: World) -> None:
        today = timezone.localdate()
        asked = {"name": "Eva", "email": "eva@auditors.example", "language": "en", "unit": world.north.pk,
                 "first": today, "last": today, "standards": [CODE]}  # fmt: skip
        assert visitor(world.person("process_manager")).post("/settings/auditors/", asked).status_code == 303
        assert scope_of(Person.objects.get(email="eva@auditors.example")) == {CODE}


class TestCommand:
    def test_makes_a_pack_of_one_standard_for_somebody_and_seals_it(self, world: World, tmp_path: Path) -> None:
        path, told = tmp_path / "x.zip", io.StringIO()
        call_command("pack", CODE, "--out", path, "--as", world.email("process_manager"), stdout=told)
        assert verify(path).seal in told.getvalue()
        assert Entry.objects.get(kind="pack", act="sealed").changes["seal"] == [None, verify(path).seal]

    @pytest.mark.parametrize(
        "words", [[CODE], ["none-such"], [CODE, "--as", "nobody@x.example"], [CODE, "--as-of", "yesterday"]]
    )
    def test_nonsense_is_refused_in_words(self, world: World, tmp_path: Path, words: list[str]) -> None:
        path = tmp_path / "x.zip"
        with pytest.raises(CommandError):
            call_command("pack", *words, *([] if words == [CODE] else ["--out", path]))
        assert not path.exists() and not Pack.objects.exists()

    def test_a_day_means_its_end_and_never_a_time_to_come(self) -> None:
        assert moment("2026-03-31").isoformat().startswith("2026-03-31T23:59:59")
        assert moment("2026-03-31T14:30").hour == 14
        for nonsense in ("2999-01-01", "2026-02-31", "0001-01-01T00:00", "9999-12-31", "soon", "20260331T99"):
            with pytest.raises(ValidationError):
                moment(nonsense)
