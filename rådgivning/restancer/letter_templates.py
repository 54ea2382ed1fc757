"""Checking what an organisation uploads: a Word template and a logo. Nothing of it runs before it has passed."""

from __future__ import annotations

import io
from typing import Final

from docx import Document
from docx.image.image import Image
from docx.oxml.ns import qn

from rådgivning.restancer.letter_content import PRØVE, Brev, Hoved
from rådgivning.restancer.letters import BrevFejl, som_docx, som_pdf
from rådgivning.skabeloner.package import STØRSTE_SKABELON, prøveskriv, tjek_pakke
from rådgivning.skabeloner.places import SkabelonFejl

__all__ = ["STØRSTE_SKABELON", "godkend_logo", "godkend_skabelon"]

STØRSTE_LOGO: Final = 200_000
STØRSTE_SIDE: Final = 3000


def godkend_skabelon(data: bytes) -> None:
    """Raises SkabelonFejl with a Danish sentence unless the template is safe and says what a letter must say."""
    tjek_pakke(data)
    written = prøveskriv(lambda: som_docx(_with(skabelon=data)))
    _check_letter(_text(written))


def _with(*, skabelon: bytes = b"", logo: bytes = b"") -> Brev:
    h = PRØVE.hoved
    hoved = Hoved(h.afsender, h.adresse, h.telefon, logo, skabelon)
    return Brev(hoved, PRØVE.dato, PRØVE.modtager, PRØVE.adresse, PRØVE.rådgiver, PRØVE.sider)


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
