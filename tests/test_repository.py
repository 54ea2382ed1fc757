"""What must hold of every file in the repository."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEXT = {".py", ".html", ".toml", ".md", ".js", ".scss", ".svg", ".lock", ".txt", ".json", ""}


def tracked() -> list[str]:
    """Tracked paths; the files of a release without git count as well."""
    command = ["git", "-c", "core.quotepath=off", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    """Tracked text files outside vendored assets."""
    names = [n for n in tracked() if Path(n).suffix in TEXT and "/vendor/" not in n]
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in names}


def test_every_path_and_every_text_is_nfc() -> None:
    assert [name for name in tracked() if not unicodedata.is_normalized("NFC", name)] == []
    assert [name for name, text in texts().items() if not unicodedata.is_normalized("NFC", text)] == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    machine = re.compile(r"(?:^|[\s\"'(=])/(?:root|work|home/\w+)/|://(?:files\.python|registry\.|[\w.:-]+/simple)")
    assert [name for name, text in texts().items() if machine.search(text)] == []


def test_rooms_have_names_of_their_own() -> None:
    bare = re.compile(r"(^|/)(utils?|helpers?|misc|common|manager|core)(\.py$|/)")
    assert [name for name in tracked() if bare.search(name)] == []


def test_templates_hold_nothing_that_the_csp_would_stop() -> None:
    inline = re.compile(r"\sstyle=|<style|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)
    assert [name for name, text in texts().items() if name.endswith(".html") and inline.search(text)] == []


def test_templates_send_nobody_elsewhere() -> None:
    outside = re.compile(r"(?:src|href|action)=[\"']?https?://", re.IGNORECASE)
    assert [name for name, text in texts().items() if name.endswith(".html") and outside.search(text)] == []


def test_tests_and_templates_mirror_the_rooms() -> None:
    rooms = {p.parent.name for p in (ROOT / "rådgivning").glob("*/__init__.py")}
    mirrored = {p.name for p in (ROOT / "tests").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert rooms <= mirrored
