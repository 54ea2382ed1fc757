"""The places of a letter's DOCX template: loops over pages, paragraphs and lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rådgivning.skabeloner.places import JA_NEJ, TEKST, Pladser, SkabelonFejl

__all__ = ["BREV", "FELTER", "INDHOLD", "PLADSER", "SkabelonFejl"]
PLADSER: Final[Mapping[str, str]] = {
    "afsender": TEKST,
    "afsender_adresse": TEKST,
    "afsender_telefon": TEKST,
    "logo": TEKST,
    "dato": TEKST,
    "modtager": TEKST,
    "modtager_adresse": TEKST,
    "rådgiver": TEKST,
    "sider": "sider",
}
FELTER: Final[Mapping[str, Mapping[str, str]]] = {
    "side": {
        "emne": TEKST,
        "hilsen": TEKST,
        "afsnit": "afsnit",
        "linjer": "linjer",
        "slut": TEKST,
        "rådgiver": TEKST,
        "afsender": TEKST,
    },
    "linje": {"navn": TEKST, "værdi": TEKST},
    "løkke": {"first": JA_NEJ, "last": JA_NEJ},
}
INDHOLD: Final[Mapping[str, str]] = {"sider": "side", "afsnit": TEKST, "linjer": "linje"}
BREV: Final = Pladser(PLADSER, "modtager", FELTER, INDHOLD)
