"""Tables that want to do harm, and a disk that is full: refused with the reason, and nothing is left behind."""

import errno
import gzip
import os
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from comity.accounts.models import Person, Unit
from comity.intake import jobs, operations, tables
from comity.intake.models import Import
from comity.intake.run import Run
from comity.parties.models import Customer
from comity.records.models import Counter, Entry
from tests.intake.conftest import run

Table = Callable[..., Path]
HEAD = ("name", "type")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="a" Type="{OFFICE}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="a"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="a" Type="{OFFICE}/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
}


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def workbook(path: Path, rows: str, dimension: str = "A1") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in PARTS.items():
            packed.writestr(name, content)
        head = f'<row r="1">{cell("A1", "name")}{cell("B1", "type")}</row>'
        sheet = f'<dimension ref="{dimension}"/><sheetData>{head}{rows}</sheetData>'
        packed.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>')
    return path


def nothing_written() -> bool:
    return not (Customer.objects.exists() or Entry.objects.exists() or Counter.objects.filter(prefix="CUS").exists())


def refused(path: Path, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run("import", "customer", path)
    assert nothing_written()


def test_a_workbook_that_says_it_is_huge_is_read_as_far_as_it_goes(unit: Unit, tmp_path: Path) -> None:
    row = f'<row r="2">{cell("A2", "Ada")}{cell("B2", "ad_hoc")}</row>'
    path = workbook(tmp_path / "a.xlsx", row, dimension="A1:XFD1048576")
    assert "1 created" in run("import", "customer", path)


def test_a_workbook_with_a_cell_in_its_last_corner(unit: Unit, tmp_path: Path) -> None:
    refused(workbook(tmp_path / "a.xlsx", f'<row r="1048576">{cell("XFD1048576", "x")}</row>'), "MB of memory")


def test_a_workbook_that_unpacks_without_end(unit: Unit, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", f'<row r="2">{cell("A2", "x" * (120 << 20))}</row>')
    assert path.stat().st_size < 1 << 20
    with pytest.raises(tables.Unreadable, match="larger than 100 MB"), tables.opened(path, most=100 << 20) as table:
        list(table.rows)


def test_a_cell_that_never_ends(unit: Unit, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,type\nAda,ad_hoc\n" + "x" * (4 << 20) + ",ad_hoc\n")
    refused(path, "line 3, a cell is larger than 1 MB")
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(b'name,type\n"' + b"x\n" * (1 << 20) + b'",ad_hoc\n'))
    refused(packed, "line 2, a cell is larger than 1 MB")


@pytest.mark.parametrize("name", ["A\x00da", "\x00"])
def test_nul_bytes(table: Table, unit: Unit, name: str) -> None:
    said = run("import", "customer", table(HEAD, (name, "ad_hoc"), ("Bob", "ad_hoc")))
    assert "1 created" in said and "1 refused" in said and "NUL" in said
    assert list(Customer.objects.values_list("name", flat=True)) == ["Bob"]


def test_half_a_character(unit: Unit, tmp_path: Path) -> None:
    told = tmp_path / "m.toml"
    told.write_text('[source]\nname = "x"\nkind = "customer"\nencoding = "utf-7"\n[fields]\nname = "name"\n')
    path = tmp_path / "a.csv"
    path.write_bytes(b"name\nA+2AA-\nBob\n")
    said = run("import", "customer", path, "--mapping", told)
    assert "1 created" in said and "1 refused" in said
    assert list(Customer.objects.values_list("name", flat=True)) == ["Bob"]


def test_an_encoding_that_nobody_knows(unit: Unit, tmp_path: Path, table: Table) -> None:
    told = tmp_path / "m.toml"
    told.write_text('[source]\nname = "x"\nkind = "customer"\nencoding = "klingon"\n[fields]\nname = "name"\n')
    with pytest.raises(CommandError, match="no encoding"):
        run("import", "customer", table(HEAD, ("Ada", "ad_hoc")), "--mapping", told)
    assert nothing_written()


def test_an_import_of_which_nothing_was_taken_has_failed(table: Table, unit: Unit) -> None:
    path = table(HEAD, ("Ada", "nonsense"), ("", "ad_hoc"))
    refused(path, "every row was refused")
    imported = Import.objects.get()
    assert (imported.state, imported.refused) == (Import.State.FAILED, 2) and "every row" in imported.error
    with pytest.raises(CommandError, match="every row"):  # from its beginning: there is nothing to go on with
        run("import", "customer", path, "--resume")
    assert Import.objects.count() == 2


def test_a_full_disk_ends_an_import_with_the_reason(table: Table, unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Run, *_args: Any) -> Any:
        raise OperationalError("database or disk is full")

    path = table(HEAD, ("Ada", "ad_hoc"))
    with monkeypatch.context() as patched:
        patched.setattr(Run, "_remember", full)
        refused(path, "disk is full")
    imported = Import.objects.get()
    assert (imported.state, imported.done) == (Import.State.FAILED, 0) and "disk is full" in imported.error
    assert "1 created" in run("import", "customer", path)


def test_a_full_disk_takes_no_upload_and_keeps_no_piece_of_it(
    manager: Person, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path

    def full(self: SimpleUploadedFile, *_args: Any) -> Any:
        yield b"name,"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("django.core.files.uploadedfile.InMemoryUploadedFile.chunks", full)
    browser = Client()
    browser.force_login(manager)
    file = SimpleUploadedFile("a.csv", b"name\nAda\n")
    answer = browser.post("/imports/", {"kind": "customer", "file": file})
    assert answer.status_code == 422 and "disk of this installation" in answer.content.decode()
    assert not Import.objects.exists() and not list((tmp_path / "imports").iterdir())


def test_uploads_are_removed_when_their_time_is_over(settings: Any, tmp_path: Path, table: Table, unit: Unit) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    operations.uploads().mkdir(parents=True)
    old, new = operations.uploads() / "old", operations.uploads() / "new"
    for path, age in ((old, timedelta(days=31)), (new, timedelta(days=29))):
        path.write_text("name\nAda\n")
        os.utime(path, times=(moment := (timezone.now() - age).timestamp(), moment))
    assert jobs.remove_old_uploads.call() == 1
    assert not old.exists() and new.exists()
    with pytest.raises(tables.Unreadable, match="not kept here any more"):
        tables.opened(old).__enter__()
