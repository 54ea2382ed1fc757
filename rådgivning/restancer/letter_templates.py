"""Checking what an organisation uploads: a Word template and a logo. Nothing of it runs before it has passed."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from docx import Document
from docx.image.image import Image
from docx.oxml.ns import qn
from lxml import etree

from rådgivning.restancer.letter_content import PRØVE, Brev, Hoved
from rådgivning.restancer.letter_places import SkabelonFejl
from rådgivning.restancer.letters import BrevFejl, som_docx, som_pdf

STØRSTE_SKABELON: Final = 1_000_000
STØRSTE_LOGO: Final = 200_000
STØRSTE_SIDE: Final = 3000
_UNPACKED: Final = 10_000_000
_FILES: Final = 200
_ACTIVE = re.compile(r"vba|macro|activex|oleobject|embeddings/|\.bin$|\.exe$|\.docm$|afchunk", re.IGNORECASE)
_FETCHING = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|EMBED|MACROBUTTON|DATABASE|RD)\b", re.IGNORECASE
)
_RELATION: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def godkend_skabelon(data: bytes) -> None:
    """Raises SkabelonFejl with a Danish sentence unless the template is safe and says what a letter must say."""
    if len(data) > STØRSTE_SKABELON:
        raise SkabelonFejl("Filen er for stor. En skabelon må højst fylde 1 MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_package(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, etree.XMLSyntaxError, EOFError, OSError):
        raise SkabelonFejl("Filen kan ikke åbnes. Gem den som Word-dokument (.docx), og prøv igen.") from None
    try:
        written = som_docx(_with(skabelon=data))
    except SkabelonFejl:
        raise
    except Exception:  # noqa: BLE001 - whatever a broken document makes the libraries raise, it is the document's fault
        raise SkabelonFejl(
            "Filen kan ikke bruges som skabelon. Gem den som Word-dokument (.docx), og prøv igen."
        ) from None
    _check_letter(_text(written))


def _with(*, skabelon: bytes = b"", logo: bytes = b"") -> Brev:
    h = PRØVE.hoved
    hoved = Hoved(h.afsender, h.adresse, h.telefon, logo, skabelon)
    return Brev(hoved, PRØVE.dato, PRØVE.modtager, PRØVE.adresse, PRØVE.rådgiver, PRØVE.sider)


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


def _text(docx: bytes) -> str:
    return "\n".join(node.text or "" for node in Document(io.BytesIO(docx)).element.body.iter(qn("w:t")))


def _check_letter(text: str) -> None:
    """A letter names whom it is to, and says all of both languages."""
    dansk, fremmed = PRØVE.sider[1], PRØVE.sider[0]
    wanted = {
        "{{ modtager }}": PRØVE.modtager,
        "{{ modtager_adresse }}": PRØVE.adresse,
        "{{ side.emne }}": dansk.emne,
        "{{ tekst }} for hvert side.afsnit": dansk.afsnit[1],
        "{{ linje.værdi }} for hver side.linjer": dansk.linjer[0][1],
        "{% for side in sider %}": fremmed.slut,
    }
    missing = [place for place, words in wanted.items() if words not in text]
    if missing:
        raise SkabelonFejl(
            f"Skabelonen mangler {', '.join(missing)}. Se pladserne på siden, eller begynd med standarden."
        )


def godkend_logo(data: bytes) -> None:
    """Raises SkabelonFejl unless the picture is a PNG or JPEG of a sensible size that can be printed."""
    if len(data) > STØRSTE_LOGO:
        raise SkabelonFejl("Billedet er for stort. Et logo må højst fylde 200 kB.")
    try:
        picture = Image.from_blob(data)
    except Exception:  # noqa: BLE001 - python-docx raises whatever a broken header makes it stumble over
        picture = None
    if picture is None or picture.content_type not in {"image/png", "image/jpeg"}:
        raise SkabelonFejl("Billedet kan ikke læses. Brug en PNG- eller JPEG-fil.")
    if not (0 < picture.px_width <= STØRSTE_SIDE and 0 < picture.px_height <= STØRSTE_SIDE):
        raise SkabelonFejl(f"Billedet må højst være {STØRSTE_SIDE} punkter på hver led.")
    try:
        som_pdf([_with(logo=data)])
    except BrevFejl:
        raise SkabelonFejl("Billedet kan ikke læses. Brug en PNG- eller JPEG-fil.") from None
