"""The consent as a paper to sign: what it says, and as a tagged PDF. In Danish, the only language its text is in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typst
from sqlmodel import Session

from rådgivning.adgang.permissions import Konflikt
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import arbejdssted
from rådgivning.dansk import dato
from rådgivning.plan.plans import plan

if TYPE_CHECKING:
    from rådgivning.samtykker.forms import SamtykkeFormular

_HERE: Final = Path(__file__).resolve().parent
_SKRIFTER: Final = _HERE.parent / "skrifter"
RETTIGHEDER: Final = (
    "Det er frivilligt at give samtykke. Du får den samme hjælp, hvis du siger nej.",
    "Du kan når som helst trække samtykket tilbage, helt eller delvist. Det er lige så let som at give det.",
    "Du trækker det tilbage ved at sige det, ringe eller skrive til beboerrådgiveren (forordningens art. 7, stk. 3).",
    "Trækker du det tilbage, gives der ikke flere oplysninger fra det øjeblik, og beboerrådgiveren siger det til dem.",
    "Det, der var fortalt, før du trak samtykket tilbage, var lovligt fortalt.",
    "Der gives kun de oplysninger, som står ovenfor, til dem, som står ovenfor, og kun så længe samtykket gælder.",
    "Du kan få at vide, hvad der er gemt om dig, få fejl rettet og i mange tilfælde få det slettet (art. 15-17).",
    "CPR-numre gemmes ikke (databeskyttelseslovens § 11).",
    "Du kan klage til Datatilsynet, www.datatilsynet.dk.",
)


@dataclass(frozen=True)
class Blanket:
    """What stands on the paper; an empty text is a line to write on."""

    helhedsplan: str
    navn: str
    adresse: str
    formål: str
    hvad: str
    modtagere: list[str]
    til: str
    rettigheder: tuple[str, ...] = RETTIGHEDER


def blanket(session: Session, beboer: BeboerData, form: SamtykkeFormular, modtagere: Sequence[str]) -> Blanket:
    """The paper with what is typed so far."""
    return Blanket(
        helhedsplan=plan(session, arbejdssted(session)).helhedsplan.navn,
        navn=beboer.navn,
        adresse=beboer.adresse,
        formål=form.formål.data or "",
        hvad=form.hvad.data or "",
        modtagere=list(modtagere),
        til=dato(form.til.data),
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_SKRIFTER)])


def som_pdf(paper: Blanket) -> bytes:
    """The paper as PDF/UA-1, made in memory. Raises Konflikt for a sign that no font has."""
    try:
        return typst.compile(
            (_HERE / "samtykke.typ").read_bytes(),
            sys_inputs={"data": json.dumps(asdict(paper))},
            font_paths=_fonts(),
            format="pdf",
            pdf_standards="ua-1",
        )
    except typst.TypstError:
        # Its message quotes the paper.
        raise Konflikt("Et tegn i det skrevne kan ikke vises i PDF. Ret det, eller udskriv siden.") from None
