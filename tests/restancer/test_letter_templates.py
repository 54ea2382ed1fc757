"""What an organisation uploads: a template can do nothing but fill in places, and nothing dangerous gets in."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from docx import Document
from jinja2 import Template

from rådgivning.restancer.letter_content import PRØVE, Brev, Hoved
from rådgivning.restancer.letter_places import BREV, SkabelonFejl
from rådgivning.restancer.letter_templates import godkend_logo, godkend_skabelon
from rådgivning.restancer.letters import som_docx, som_pdf, standardskabelon
from rådgivning.skabeloner.places import Lukket

STANDARD = standardskabelon()


def template(*lines: str) -> bytes:
    """The standard template with further paragraphs."""
    document = Document(io.BytesIO(STANDARD))
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The standard template with one file in it changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(STANDARD)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for part in names:
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
        if name not in names:
            new.writestr(name, change(b""))
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\x00" + b"\x80\x40\x20" * width for _ in range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_the_standard_template_and_one_made_from_it_pass() -> None:
    godkend_skabelon(STANDARD)
    godkend_skabelon(template("Hilsen {{ afsender }}", "{%p if afsender_telefon %}", "Ring", "{%p endif %}"))


@pytest.mark.parametrize(
    ("line", "besked"),
    [
        ("{{ cpr }}", "Pladsen cpr kendes ikke"),
        ("{{ side.emne }}", "Pladsen side kendes ikke"),
        ("{{ modtager.__class__ }}", "Pladsen modtager.__class__ kendes ikke"),
        ("{{ sider }}", "Pladsen sider kan ikke stå alene"),
        ("{{ ''.__class__.__mro__ }}", "kendes ikke|andet end pladser"),
        ("{{ modtager() }}", "andet end pladser"),
        ("{{ modtager|upper }}", "andet end pladser"),
        ("{{ modtager ~ modtager }}", "andet end pladser"),
        ("{{ 9 ** 9 ** 9 }}", "andet end pladser"),
        ("{{ self.__init__ }}", "Pladsen self kendes ikke"),
        ("{{ lipsum.__globals__ }}", "Pladsen lipsum kendes ikke"),
        ("{{ sider[0] }}", "andet end pladser"),
        ("{% for n in range(99999999) %}x{% endfor %}", "andet end pladser"),
        ("{% for n in modtager %}x{% endfor %}", "gentages over modtager"),
        (
            "{% for a in sider %}{% for b in sider %}{% for c in sider %}{% for d in sider %}x" + "{% endfor %}" * 4,
            "over",
        ),
        ("{% set x = modtager %}", "andet end pladser"),
        ("{% include '/etc/passwd' %}", "andet end pladser"),
        ("{% import 'os' as x %}", "andet end pladser"),
        ("{% macro x() %}{% endmacro %}", "andet end pladser"),
        ("{% if modtager == 'Zxq' %}x{% endif %}", "andet end pladser"),
        ("{{ modtager", "skrevet forkert"),
        ("{% for side in sider %}", "skrevet forkert"),
    ],
)
def test_anything_but_known_places_is_refused_before_it_runs(line: str, besked: str) -> None:
    with pytest.raises(SkabelonFejl, match=besked):
        godkend_skabelon(template(line))


def test_a_header_is_checked_like_the_body() -> None:
    document = Document(io.BytesIO(STANDARD))
    document.sections[0].header.paragraphs[0].text = "{{ ''.__class__ }}"
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(SkabelonFejl, match="andet end pladser"):
        godkend_skabelon(out.getvalue())


def test_the_environment_is_closed_also_to_what_is_not_docx() -> None:
    assert Lukket(BREV).from_string("{{ modtager }} {% if logo %}x{% endif %}").render(modtager="<b>") == "&lt;b&gt; "
    assert Template("{{ 7*7 }}").render() == "49"
    with pytest.raises(SkabelonFejl):
        Lukket(BREV).from_string("{{ 7*7 }}")


def test_what_is_filled_in_is_text_and_never_a_place() -> None:
    nasty = "Zxq {{ 7*7 }} {% x %} <w:p/> &amp; {_{ }_}"
    p = PRØVE
    brev = Brev(Hoved("A & <B>", "", ""), p.dato, nasty, p.adresse, p.rådgiver, p.sider)
    text = "\n".join(p.text for p in Document(io.BytesIO(som_docx(brev))).paragraphs)
    assert "Zxq {{ 7*7 }} {% x %} <w:p/> &amp;" in text
    assert "A & <B>" in text
    assert "49" not in text


@pytest.mark.parametrize(
    ("part", "change", "besked"),
    [
        ("word/vbaProject.bin", lambda _b: b"macro", "makroer"),
        ("word/embeddings/ark.xlsx", lambda _b: b"x", "makroer eller indlejrede"),
        ("word/activeX/activeX1.xml", lambda _b: b"<x/>", "makroer"),
        (
            "[Content_Types].xml",
            lambda b: b.replace(
                b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                b"application/vnd.ms-word.document.macroEnabled.main+xml",
            ),
            "makroer",
        ),
        (
            "word/_rels/settings.xml.rels",
            lambda _b: (
                b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
                b'Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"'
                b' Target="https://eksempel.invalid/x.dotm" TargetMode="External"/></Relationships>'
            ),
            "henter noget udefra",
        ),
        (
            "word/document.xml",
            lambda b: b.replace(b"</w:body>", b'<w:p><w:fldSimple w:instr="DDEAUTO c:x"/></w:p></w:body>'),
            "et felt",
        ),
        (
            "word/document.xml",
            lambda b: b.replace(
                b"</w:body>",
                b"<w:p><w:r><w:instrText>INCLUDE</w:instrText></w:r>"
                b"<w:r><w:instrText>TEXT x</w:instrText></w:r></w:p></w:body>",
            ),
            "et felt",
        ),
        ("word/styles.xml", lambda b: b.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY y "z">]>', 1), "almindeligt Word"),
        ("word/styles.xml", lambda _b: b"<ikke xml", "kan ikke åbnes"),
        ("word/stort.xml", lambda _b: b" " * 11_000_000, "pakkes ud"),
        ("word/document.xml", lambda b: b.replace(b"{{ tekst }}", b""), "mangler"),
        ("word/document.xml", lambda b: b.replace(b"{{ modtager }}", b"Beboer"), "mangler"),
    ],
)
def test_macros_foreign_links_fields_and_broken_files_are_refused(
    part: str, change: Callable[[bytes], bytes], besked: str
) -> None:
    with pytest.raises(SkabelonFejl, match=besked):
        godkend_skabelon(with_part(part, change))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.7", b"x" * 1_000_001, png(2, 2)])
def test_what_is_no_word_document_is_refused(data: bytes) -> None:
    with pytest.raises(SkabelonFejl):
        godkend_skabelon(data)


def test_a_logo_is_a_picture_of_sensible_size_and_stands_in_both_kinds_of_letter() -> None:
    logo = png(120, 40)
    godkend_logo(logo)
    for wrong in (b"", b"GIF89a" + bytes(40), b"<svg/>", logo[:60], png(3001, 1), b"\x89PNG" + bytes(200_001)):
        with pytest.raises(SkabelonFejl):
            godkend_logo(wrong)
    brev = Brev(Hoved("A", "", "", logo), PRØVE.dato, PRØVE.modtager, PRØVE.adresse, PRØVE.rådgiver, PRØVE.sider)
    assert b"/Image" in som_pdf([brev])
    with zipfile.ZipFile(io.BytesIO(som_docx(brev))) as files:
        assert any(name.startswith("word/media/") for name in files.namelist())
        assert b'descr="A"' in files.read("word/document.xml")
