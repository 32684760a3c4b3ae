"""Checking a pack: with nothing but the standard library, whatever somebody did to the file."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from comity.compliance.pack import comparing, verifying
from comity.compliance.pack.verifying import Broken, verify
from tests.compliance.test_pack import made


def rewritten(source: Path, target: Path, change: Any) -> Path:
    """The same pack with other entries: change(name, content) answers with content, or None to leave it out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = change(info.filename, old.read(info))
            if content is not None:
                new.writestr(info.filename, content)
    return target


class TestVerify:
    made_once: bytes = b""

    @pytest.fixture
    def pack(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        """A pack to be spoilt. The first test makes it: to check one needs no records."""
        path = tmp_path / "pack.zip"
        if not TestVerify.made_once:
            made(request.getfixturevalue("world"), path)
            TestVerify.made_once = path.read_bytes()
        path.write_bytes(TestVerify.made_once)
        return path

    def test_whatever_is_wrong_is_told_in_one_sentence(
        self, pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def spoilt(name: str, change: Any) -> Path:
            return rewritten(pack, tmp_path / f"{name}.zip", change)

        def unlisted(name: str, content: bytes) -> bytes | None:
            if name == "manifest.json":
                told = json.loads(content)
                told["entries"] = [one for one in told["entries"] if one["path"] != "verdicts.jsonl"]
                return json.dumps(told).encode()
            return None if name == "verdicts.jsonl" else content

        def torn(size: int) -> Path:
            path = tmp_path / f"torn{size}.zip"
            path.write_bytes(pack.read_bytes()[:size])
            return path

        (tmp_path / "folder.zip").mkdir()
        added = tmp_path / "added.zip"
        added.write_bytes(pack.read_bytes())
        with zipfile.ZipFile(added, "a") as archive:
            archive.writestr("more.txt", "x")
        wrong = {
            tmp_path / "absent.zip": "there is no such file", tmp_path / "folder.zip": "this is a folder",
            torn(0): "no readable ZIP", torn(pack.stat().st_size // 2): "no readable ZIP",
            added: "more.txt: not in the list", spoilt("unlisted", unlisted): "verdicts.jsonl: missing",
            spoilt("renamed", lambda name, it: None if name == "index.html" else it): "index.html: missing",
            spoilt("byte", lambda name, it: it[:-1] + b"?" if name == "verdicts.csv" else it): "verdicts.csv: ",
        }  # fmt: skip
        for path, words in wrong.items():
            assert verifying.main(str(path)) == 1
            told = capsys.readouterr()
            assert told.out.startswith("BROKEN  ") and words in told.out and told.out.count("\n") == 1, path
            assert comparing.main(str(pack), str(path)) == 2
            assert capsys.readouterr() == told, "comparing says the same"
            with pytest.raises(SystemExit) as ended:
                call_command("pack", verify=path)
            assert ended.value.code == 1 and capsys.readouterr() == told
        monkeypatch.setattr(verifying, "LINE_AT_MOST", 1000)
        with pytest.raises(Broken, match="a line is longer"):
            verify(pack)

    def test_needs_neither_comity_nor_a_database(self, pack: Path, tmp_path: Path) -> None:
        with zipfile.ZipFile(pack) as archive:
            (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
        words = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(pack)]
        done = subprocess.run(words, capture_output=True, text=True, env={}, check=False)
        assert done.returncode == 0 and "WHOLE" in done.stdout and verify(pack).seal in done.stdout

    def test_the_command_needs_no_settings(self, pack: Path, tmp_path: Path) -> None:
        words = [sys.executable, "-m", "comity", "pack", "--verify", str(pack)]
        env = {"PYTHONPATH": "src", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "COMITY_DATA": "/nonexistent"}
        done = subprocess.run(words, capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 0 and "WHOLE" in done.stdout, done.stderr

    @pytest.mark.parametrize("name", ["verdicts.jsonl", "records/customer.jsonl", "index.pdf", "verify.py"])
    def test_names_the_entry_in_which_one_byte_is_another(self, pack: Path, tmp_path: Path, name: str) -> None:
        def flip(one: str, content: bytes) -> bytes:
            return content[:-2] + bytes([content[-2] ^ 1]) + content[-1:] if one == name else content

        with pytest.raises(Broken, match=name):
            verify(rewritten(pack, tmp_path / "x.zip", flip))

    def test_names_what_is_missing_and_what_is_too_much(self, pack: Path, tmp_path: Path) -> None:
        with pytest.raises(Broken, match=r"index.html: missing"):
            verify(rewritten(pack, tmp_path / "x.zip", lambda name, it: None if name == "index.html" else it))
        with zipfile.ZipFile(pack, "a") as archive:
            archive.writestr("more.txt", "x")
        with pytest.raises(Broken, match=r"more.txt: not in the list"):
            verify(pack)

    @pytest.mark.parametrize("name", ["../up.txt", "/etc/x", "a\\b", "c:x", "a//b", "./a", "a/../b"])
    def test_refuses_names_that_lead_elsewhere(self, pack: Path, name: str) -> None:
        with zipfile.ZipFile(pack, "a") as archive:
            archive.writestr(name, "x")
        with pytest.raises(Broken, match="no safe name"):
            verify(pack)

    def test_refuses_links_and_double_names(self, pack: Path, tmp_path: Path) -> None:
        link = tmp_path / "link.zip"
        link.write_bytes(pack.read_bytes())
        with zipfile.ZipFile(link, "a") as archive:
            info = zipfile.ZipInfo("link")
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "target")
        with pytest.raises(Broken, match="link: no plain file"):
            verify(link)
        with zipfile.ZipFile(pack, "a") as archive, pytest.warns(UserWarning):
            archive.writestr("index.html", "again")
        with pytest.raises(Broken, match=r"index.html: there twice"):
            verify(pack)

    def test_counts_are_taken_again(self, pack: Path, tmp_path: Path) -> None:
        def fewer(name: str, content: bytes) -> bytes:
            if name != "manifest.json":
                return content
            told = json.loads(content)
            told["counts"]["members"] += 1
            return json.dumps(told).encode()

        with pytest.raises(Broken, match="counts members"):
            verify(rewritten(pack, tmp_path / "x.zip", fewer))

    @pytest.mark.parametrize(
        "told", [b"{", b"[]", b'{"schema": "other"}', b'{"schema": "comity-pack/1", "entries": [1], "counts": {}}']
    )
    def test_a_list_that_is_none(self, pack: Path, tmp_path: Path, told: bytes) -> None:
        with pytest.raises(Broken, match=r"manifest.json"):
            verify(rewritten(pack, tmp_path / "x.zip", lambda name, it: told if name == "manifest.json" else it))

    @pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"\0" * 40])
    def test_what_is_no_zip(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.zip").write_bytes(content)
        with pytest.raises(Broken, match="no readable ZIP"):
            verify(tmp_path / "x.zip")
        with pytest.raises(Broken):
            verify(tmp_path / "absent.zip")

    def test_a_torn_one(self, pack: Path, tmp_path: Path) -> None:
        content = pack.read_bytes()
        (tmp_path / "x.zip").write_bytes(content[: len(content) // 2])
        with pytest.raises(Broken):
            verify(tmp_path / "x.zip")

    def test_a_huge_one_is_not_unpacked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(verifying, "UNPACKED_AT_MOST", 1 << 20)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.json", b" " * (2 << 20))
        (tmp_path / "x.zip").write_bytes(out.getvalue())
        with pytest.raises(Broken, match="unpacked"):
            verify(tmp_path / "x.zip")
