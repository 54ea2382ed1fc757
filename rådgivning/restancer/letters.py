"""Letters as files: PDF through typst, DOCX through a Word template. All of it in memory; nothing touches the disk."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from rådgivning.restancer import letter_direction
from rådgivning.restancer.letter_content import Brev, Side
from rådgivning.restancer.letter_places import BREV
from rådgivning.skabeloner.places import Lukket

_HERE: Final = Path(__file__).resolve().parent / "brev"
_SKRIFTER: Final = Path(__file__).resolve().parents[1] / "skrifter"
LOGO_HØJDE: Final = 18


class BrevFejl(Exception):
    """The letters cannot be written; a Danish sentence says what to do. Never carries what the letter says."""


def standardskabelon() -> bytes:
    """The DOCX template that is used until an organisation has its own."""
    return (_HERE / "indkaldelse.docx").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """The fonts that come with the program and no others, so that a letter looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_SKRIFTER)])


@cache
def _typst_template() -> bytes:
    return (_HERE / "indkaldelse.typ").read_bytes()


def som_pdf(breve: Sequence[Brev]) -> bytes:
    """All letters in one tagged PDF/UA-1. Raises BrevFejl for a sign that no font has."""
    hoveder = list(dict.fromkeys(brev.hoved for brev in breve))
    data = {
        "hoveder": [
            {"afsender": h.afsender, "adresse": h.adresse, "telefon": h.telefon, "logo": list(h.logo)} for h in hoveder
        ],
        "breve": [_as_data(brev, hoveder.index(brev.hoved)) for brev in breve],
    }
    try:
        return typst.compile(
            _typst_template(),
            sys_inputs={"data": json.dumps(data)},
            font_paths=_fonts(),
            format="pdf",
            pdf_standards="ua-1",
        )
    except typst.TypstError:
        # Its message quotes the letter.
        raise BrevFejl(
            "Et tegn i navn, adresse eller tekst kan ikke vises i PDF. Ret det, eller hent brevet som Word."
        ) from None


def _as_data(brev: Brev, hoved: int) -> dict[str, Any]:
    return {
        "hoved": hoved,
        "dato": brev.dato,
        "modtager": brev.modtager,
        "adresse": brev.adresse,
        "rådgiver": brev.rådgiver,
        "sider": [
            {
                "sprog": side.sprog,
                "retning": side.retning,
                "emne": side.emne,
                "hilsen": side.hilsen,
                "afsnit": side.afsnit,
                "linjer": side.linjer,
                "slut": side.slut,
            }
            for side in brev.sider
        ],
    }


def som_docx(brev: Brev) -> bytes:
    """One letter from the organisation's own template, or the standard one. Raises SkabelonFejl for a bad template."""
    template = DocxTemplate(io.BytesIO(brev.hoved.skabelon or standardskabelon()))
    template.init_docx()
    context = {
        "afsender": brev.hoved.afsender,
        "afsender_adresse": brev.hoved.adresse,
        "afsender_telefon": brev.hoved.telefon,
        "logo": _logo(template, brev.hoved.logo),
        "dato": brev.dato,
        "modtager": brev.modtager,
        "modtager_adresse": brev.adresse,
        "rådgiver": brev.rådgiver,
        "sider": [_marked(brev, number, side) for number, side in enumerate(brev.sider)],
    }
    template.render(context, Lukket(BREV), autoescape=True)
    letter_direction.set_direction(template.docx, brev.sider, brev.hoved.afsender)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def _logo(template: DocxTemplate, logo: bytes) -> InlineImage | str:
    return InlineImage(template, io.BytesIO(logo), height=Mm(LOGO_HØJDE)) if logo else ""


def _marked(brev: Brev, number: int, side: Side) -> dict[str, Any]:
    """A page's texts, each with the invisible mark by which its paragraph gets language and direction afterwards."""

    def mark(text: str) -> str:
        return letter_direction.mark(number, text) if text else ""

    return {
        "emne": mark(side.emne),
        "hilsen": mark(side.hilsen),
        "afsnit": [mark(text) for text in side.afsnit],
        "linjer": [{"navn": mark(name), "værdi": mark(value)} for name, value in side.linjer],
        "slut": mark(side.slut),
        "rådgiver": mark(brev.rådgiver),
        "afsender": mark(brev.hoved.afsender),
    }


def som_zip(breve: Sequence[Brev]) -> bytes:
    """Each letter as a DOCX of its own, numbered: a file's name says nothing about anybody."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, brev in enumerate(breve, 1):
            archive.writestr(f"indkaldelse-{number:02}.docx", som_docx(brev))
    return out.getvalue()
