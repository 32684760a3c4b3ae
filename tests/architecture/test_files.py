"""What may not lie in the repository: paths and hosts of somebody's machine, download addresses, secrets."""

import re

import pytest

from tests.architecture.house import ROOT, modules, name, tracked

TEXT = {
    "",
    ".py",
    ".md",
    ".html",
    ".css",
    ".js",
    ".toml",
    ".txt",
    ".yml",
    ".yaml",
    ".json",
    ".svg",
    ".po",
    ".sh",
    ".cfg",
}
MACHINE = re.compile(r"(?<![\w.])/(?:home|Users|root|work|mnt|srv)/[\w.-]+")
ADDRESS = re.compile(r"https?://(?:[^\s/@\"'<>]+@)?(\[[0-9a-f:]+\]|[\w.-]+)", re.I)
KNOWN = {
    "localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0",  # this machine
    "10.0.0.1",  # a private network, which is refused
    "www.w3.org", "www.apache.org", "json-schema.org", "www.gnu.org", "schemas.openxmlformats.org",  # formats, licences
}  # fmt: skip
RESERVED = (".example", ".test", ".invalid", ".localhost", "example.com", "example.org", "example.net", "example.cn")


def test_no_paths_of_a_machine() -> None:
    wrong = [
        f"{name(path)}: {found[0]}"
        for path in tracked()
        if path.suffix in TEXT and path != ROOT / "tests/architecture/test_files.py"
        for found in MACHINE.finditer(path.read_text(errors="replace"))
    ]
    assert not wrong


def test_addresses_are_examples_or_names_of_formats() -> None:
    wrong = [
        f"{name(path)}: {found[0]}"
        for path in tracked()
        if path.suffix in TEXT - {".po"}
        for found in ADDRESS.finditer(path.read_text(errors="replace"))
        if "." in (host := found[1].lower().rstrip(".")) and host not in KNOWN and not host.endswith(RESERVED)
    ]
    assert not wrong


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_lock_files_hold_hashes_and_no_addresses(lock: str) -> None:
    content = (ROOT / lock).read_text()
    assert not re.search(r"https?:|file:|--index-url|--find-links|--extra-index", content)
    pins = re.findall(r"^([a-z0-9._-]+)==", content, re.M | re.I)
    assert len(pins) > 20
    assert content.count(" \\\n    --hash=sha256:") >= len(pins)


def test_runtime_and_development_agree_on_versions() -> None:
    def pins(lock: str) -> dict[str, str]:
        return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.M | re.I))

    development = pins("requirements-dev.txt")
    assert {name: development.get(name) for name in pins("requirements.txt")} == pins("requirements.txt")


def test_every_variable_is_documented() -> None:
    documented = (ROOT / "docs" / "how-to" / "configure.md").read_text()
    read = re.compile(r"""(?:env\.\w+\(|environ(?:\.get\(|\[)|getenv\()\s*["']([A-Z][A-Z_]+)["']""")
    used = {found for path in modules() for found in read.findall(path.read_text())}
    assert used - {"COMITY_PARENT", "DJANGO_SETTINGS_MODULE"} <= set(re.findall(r"[A-Z][A-Z_]+", documented))
