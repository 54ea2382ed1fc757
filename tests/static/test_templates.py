"""What holds for every template and every static file, whichever room it belongs to."""

import re
import unicodedata
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "rådgivning" / "static"

ALL_TEMPLATES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
STYLE_SHEETS = sorted(STATIC.rglob("*.css"))


@pytest.mark.parametrize("name", ALL_TEMPLATES)
def test_a_template_has_nothing_the_content_security_policy_refuses(name: str) -> None:
    source = re.sub(r"\{#.*?#\}", "", (TEMPLATES / name).read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"<[^>]*\sstyle\s*=", source)
    assert not re.search(r"<style\b", source)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", source)
    assert all("src=" in tag for tag in re.findall(r"<script\b[^>]*>", source))
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", source)


@pytest.mark.parametrize("name", ALL_TEMPLATES)
def test_a_template_imports_only_macros_that_exist(name: str) -> None:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    tree = environment.parse((TEMPLATES / name).read_text("utf-8"))
    for statement in tree.find_all(nodes.FromImport):
        assert isinstance(statement.template, nodes.Const)
        source = (TEMPLATES / statement.template.value).read_text("utf-8")
        macros = {macro.name for macro in environment.parse(source).find_all(nodes.Macro)}
        wanted = {item if isinstance(item, str) else item[0] for item in statement.names}
        assert wanted <= macros, f"{name}: {statement.template.value} has no {wanted - macros}"


@pytest.mark.parametrize("name", ALL_TEMPLATES)
def test_an_icon_named_in_a_template_is_in_the_sprite(name: str) -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "ikoner.svg").read_text("utf-8")))
    source = (TEMPLATES / name).read_text("utf-8")
    assert set(re.findall(r"\bikon\(\s*[\"']([^\"']+)", source)) <= drawn


@pytest.mark.parametrize("path", STYLE_SHEETS, ids=lambda path: path.name)
def test_a_style_sheet_has_no_byte_order_mark_and_reaches_only_files_of_ours(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    assert "\ufeff" not in text
    assert "@charset" not in text
    assert "@import" not in text
    for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", text):
        assert (path.parent / address).is_file(), address


def test_every_vendored_folder_has_its_licence_beside_it() -> None:
    folders = [folder for folder in (STATIC / "vendor").iterdir() if folder.is_dir()]
    folders += list((STATIC / "vendor").rglob("fonts"))
    assert folders
    for folder in folders:
        assert list(folder.glob("LICENSE*")), folder
    assert (STATIC / "ikoner.LICENSE.md").is_file()


def test_static_files_and_templates_have_composed_names() -> None:
    for path in [*STATIC.rglob("*"), *TEMPLATES.rglob("*")]:
        assert unicodedata.is_normalized("NFC", path.name), path


def test_the_script_keeps_nothing_in_the_browser_and_runs_no_text_as_code() -> None:
    script = (STATIC / "app.js").read_text("utf-8")
    for word in ("localStorage", "sessionStorage", "indexedDB", "serviceWorker", "innerHTML", "eval(", "new Function"):
        assert word not in script
