"""What a letter says, as plain values: letters.py makes files of it, the preview shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Side:
    """The text of one language. `linjer` are label and value: time, place, phone. `hilsen` may be empty."""

    sprog: str
    retning: str
    gennemlæst: bool
    emne: str
    hilsen: str
    afsnit: tuple[str, ...]
    linjer: tuple[tuple[str, str], ...]
    slut: str


@dataclass(frozen=True)
class Hoved:
    """Who a letter comes from; `logo` is a PNG or JPEG, empty when there is none; `skabelon` an own DOCX template."""

    afsender: str
    adresse: str = ""
    telefon: str = ""
    logo: bytes = b""
    skabelon: bytes = b""


@dataclass(frozen=True)
class Brev:
    """One letter: the chosen language first, and the Danish text after it when that is another."""

    hoved: Hoved
    dato: str
    modtager: str
    adresse: str
    rådgiver: str
    sider: tuple[Side, ...]


_TEXTS: Final = ("Første afsnit af prøvebrevet.", "Andet afsnit af prøvebrevet.")
PRØVE: Final = Brev(
    hoved=Hoved("Beboerrådgivningen i Prøveparken", "Prøvevej 1, 9999 Prøveby", "20 12 34 56"),
    dato="20. november 2026",
    modtager="Zxq Prøvesen",
    adresse="Opdigtet Allé 7, 2. tv",
    rådgiver="Testa Opdigtet",
    sider=(
        Side(
            "ar",
            "rtl",
            True,
            "دعوة إلى لقاء استشاري",
            "تحية طيبة،",
            ("هذه رسالة تجريبية.",),
            (("الهاتف", "20\N{NO-BREAK SPACE}12\N{NO-BREAK SPACE}34\N{NO-BREAK SPACE}56"),),
            "مع أطيب التحيات",
        ),
        Side(
            "da",
            "ltr",
            True,
            "Invitation til en prøvesamtale",
            "Kære beboer",
            _TEXTS,
            (("Tid", "tirsdag den 24. november 2026 kl. 10.30"), ("Sted", "Prøvestedet"), ("Telefon", "20 12 34 56")),
            "Venlig prøvehilsen",
        ),
    ),
)
"""A letter about nobody, for trying templates with."""
