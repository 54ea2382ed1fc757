"""Checking an uploaded Word document before anything of it is used: its size, its parts, its fields."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Final

from docx.oxml.ns import qn
from lxml import etree

from rådgivning.skabeloner.places import SkabelonFejl

STØRSTE_SKABELON: Final = 1_000_000
_UNPACKED: Final = 10_000_000
_FILES: Final = 200
_ACTIVE = re.compile(r"vba|macro|activex|oleobject|embeddings/|\.bin$|\.exe$|\.docm$|afchunk", re.IGNORECASE)
_FETCHING = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|EMBED|MACROBUTTON|DATABASE|RD)\b", re.IGNORECASE
)
_RELATION: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def tjek_pakke(data: bytes) -> None:
    """Raises SkabelonFejl with a Danish sentence unless this is a Word document that acts and fetches nothing."""
    if len(data) > STØRSTE_SKABELON:
        raise SkabelonFejl("Filen er for stor. En skabelon må højst fylde 1 MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_package(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, etree.XMLSyntaxError, EOFError, OSError):
        raise SkabelonFejl("Filen kan ikke åbnes. Gem den som Word-dokument (.docx), og prøv igen.") from None


def prøveskriv(write: Callable[[], bytes]) -> bytes:
    """What a template gives when it is filled in. Raises SkabelonFejl whatever goes wrong with it."""
    try:
        return write()
    except SkabelonFejl:
        raise
    except Exception:  # noqa: BLE001 - whatever a broken document makes the libraries raise, it is the document's fault
        raise SkabelonFejl(
            "Filen kan ikke bruges som skabelon. Gem den som Word-dokument (.docx), og prøv igen."
        ) from None


def _check_package(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _FILES or sum(part.file_size for part in parts) > _UNPACKED:
        raise SkabelonFejl("Filen fylder for meget, når den pakkes ud.")
    for part in parts:
        if _ACTIVE.search(part.filename):
            raise SkabelonFejl("Filen indeholder makroer eller indlejrede objekter. Gem den uden, som .docx.")
        if part.filename.endswith((".xml", ".rels")):
            _check_part(part.filename, archive.read(part))


def _check_part(name: str, content: bytes) -> None:
    plain = content.replace(b"\x00", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise SkabelonFejl("Filen er ikke et almindeligt Word-dokument.")
    if name == "[Content_Types].xml" and b"macroEnabled" in plain:
        raise SkabelonFejl("Filen indeholder makroer eller indlejrede objekter. Gem den uden, som .docx.")
    tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    for relation in tree.iter(_RELATION):
        link = relation.get("Type", "").endswith("/hyperlink")
        if relation.get("TargetMode") == "External" and not link:
            raise SkabelonFejl(
                "Filen henter noget udefra, fx et billede eller en anden skabelon. Sæt det ind i stedet."
            )
    fields = [node.text or "" for node in tree.iter(qn("w:instrText"))]
    fields += [node.get(qn("w:instr"), "") for node in tree.iter(qn("w:fldSimple"))]
    if _FETCHING.search("".join(fields)):
        raise SkabelonFejl("Filen har et felt, der henter noget udefra eller kører noget. Slet feltet.")
