"""Language and direction of the paragraphs of a rendered DOCX: Word needs them said, it does not work them out.

A paragraph in a language that runs from right to left gets `w:bidi`, and its runs are split so that the foreign letters
are `w:rtl` while names, phone numbers and times inside keep running from left to right.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.run import Run

from rådgivning.restancer.letter_content import Side

_FIRST: Final = 0xE000
_MARKS = re.compile("[\ue000-\ue00f]")
_ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))
_LEFT_TO_RIGHT = re.compile(r"[A-Za-z0-9À-ʯ+](?:[^֐-\u08ff]*[A-Za-z0-9À-ʯ])?")
_REGIONS: Final = {"da": "da-DK", "en": "en-GB", "tr": "tr-TR", "ar": "ar-SA", "ur": "ur-PK"}
_AFTER_BIDI: Final = (
    *("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents"),
    *("w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl"),
    *("w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange"),
)
_AFTER_LANG: Final = ("w:eastAsianLayout", "w:specVanish", "w:oMath")


def mark(number: int, text: str) -> str:
    """The text with an invisible sign in front that says which page it belongs to."""
    return chr(_FIRST + number) + _MARKS.sub("", text)


def set_direction(document: Any, sider: Sequence[Side], billedtekst: str) -> None:
    """Say of every marked paragraph which language it is in and which way it runs; take the marks away again."""
    for root in _parts(document):
        for paragraph in root.iter(qn("w:p")):
            _paragraph(paragraph, sider)
        for picture in root.iter(qn("wp:docPr")):
            if not picture.get("descr"):
                picture.set("descr", billedtekst)


def _parts(document: Any) -> Iterator[Any]:
    """Body, headers and footers."""
    yield document.element.body
    for section in document.sections:
        for part in (section.header, section.footer, section.first_page_header, section.first_page_footer):
            if not part.is_linked_to_previous:
                yield part._element  # noqa: SLF001


def _paragraph(paragraph: Any, sider: Sequence[Side]) -> None:
    texts = list(paragraph.iter(qn("w:t")))
    found = _MARKS.search("".join(text.text or "" for text in texts))
    for text in texts:
        text.text = _MARKS.sub("", text.text or "").translate(_ISOLATES)
    if found is None or ord(found[0]) - _FIRST >= len(sider):
        return
    side = sider[ord(found[0]) - _FIRST]
    if side.retning == "rtl":
        properties = paragraph.get_or_add_pPr()
        for old in properties.findall(qn("w:bidi")):
            properties.remove(old)
        properties.insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
    for run in list(paragraph.iter(qn("w:r"))):
        _run(run, side)


def _run(run: Any, side: Side) -> None:
    texts = run.findall(qn("w:t"))
    if len(texts) != 1 or not texts[0].text:
        return
    language = _REGIONS.get(side.sprog, side.sprog)
    if side.retning == "ltr":
        _language(run, "w:val", language)
        return
    for piece, foreign in _pieces(texts[0].text):
        part = copy.deepcopy(run)
        text = part.find(qn("w:t"))
        text.text = piece
        text.set(qn("xml:space"), "preserve")
        run.addprevious(part)
        if foreign:
            font = Run(part, None).font  # type: ignore[arg-type]
            font.rtl = True
            font.cs_bold, font.cs_italic = font.bold, font.italic
            _language(part, "w:bidi", language)
        else:
            _language(part, "w:val", "da-DK")
    run.getparent().remove(run)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces; True for those that run from right to left."""
    at = 0
    for found in _LEFT_TO_RIGHT.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], True
        yield found[0], False
        at = found.end()
    if at < len(text):
        yield text[at:], True


def _language(run: Any, attribute: str, language: str) -> None:
    properties = run.get_or_add_rPr()
    tag = properties.find(qn("w:lang"))
    if tag is None:
        tag = OxmlElement("w:lang")
        properties.insert_element_before(tag, *_AFTER_LANG)
    tag.set(qn(attribute), language)
