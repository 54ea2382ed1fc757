"""The recovery sheet on its way out of the program: whole, or three sheets that must never lie together."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Final

from rådgivning.dansk import dato
from rådgivning.database import today
from rådgivning.drift.parser import KommandoFejl
from rådgivning.nøgler.keyring import Keyring
from rådgivning.nøgler.recovery import DELE, Del, split, to_lines, whole
from rådgivning.nøgler.sources import write_new

HVER_SIT: Final = """\
Nu kommer tre ark, ét ad gangen. To af dem tilsammen åbner alt, så hvert skal på sit eget papir og til sin egen person,
og ingen må få to. Gem ikke skærmens indhold. Med --ark MAPPE skrives de i hver sin fil og slet ikke her.
"""
NÆSTE: Final = "Skriv arket af, eller print det. Tryk Enter, så ryddes skærmen, og det næste kommer. "
SIDSTE: Final = "Skriv arket af, eller print det. Tryk Enter, så ryddes skærmen. "
_RYD: Final = "\033[2J\033[3J\033[H"


def add_options(parser: ArgumentParser) -> None:
    """Whole or in three, on the screen or in files."""
    parser.add_argument("--dele", action="store_true", help="gendannelsesarket som tre ark, hvoraf to er nok")
    parser.add_argument("--ark", type=Path, metavar="MAPPE", help="skriv hvert ark i sin egen fil (0400) i mappen")


def check_folder(mappe: Path | None) -> None:
    """Before anything is made: whether sheets can be written there. Raises KommandoFejl."""
    if mappe is None:
        return
    try:
        mappe.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = next(mappe.glob(_name("*")), None)
    except OSError:
        raise KommandoFejl(f"Der kan ikke skrives i {mappe}. Vælg en anden mappe.") from None
    if taken is not None:
        raise KommandoFejl(f"{taken} findes allerede. Vælg en anden mappe; intet er skrevet.")


def hand_out(ring: Keyring, *, dele: bool, mappe: Path | None) -> None:
    """Each sheet in a file of its own; or on the screen, where one of three is gone before the next is shown; or, when
    the output goes on to a printer, on pages of their own. Raises KommandoFejl."""
    texts = sheets(ring, dele=dele)
    if mappe is not None:
        _to_files(mappe, texts)
        return
    if not dele:
        sys.stdout.write("".join(texts))
        return
    sys.stderr.write(HVER_SIT)
    seen = sys.stdout.isatty() and sys.stdin.isatty()
    for number, text in enumerate(texts, 1):
        sys.stdout.write(text)
        sys.stdout.flush()
        if seen:
            sys.stderr.write(SIDSTE if number == len(texts) else NÆSTE)
            sys.stderr.flush()
            sys.stdin.readline()
            sys.stdout.write(_RYD)


def _to_files(mappe: Path, texts: list[str]) -> None:
    try:
        for number, text in enumerate(texts, 1):
            write_new(mappe / _name(number), text)
            sys.stdout.write(f"{mappe / _name(number)}\n")
    except OSError:
        raise KommandoFejl(f"Arket kan ikke skrives i {mappe}. Kør: raadgivning nøgle ark") from None
    if len(texts) > 1:
        sys.stdout.write("Giv hvert ark til sin egen person på sit eget papir eller medie, og slet filerne her.\n")


def _name(number: object) -> str:
    return f"gendannelsesark-{number}.txt"


def sheets(ring: Keyring, *, dele: bool) -> list[str]:
    """The recovery sheet as text, or the three sheets of which two are enough."""
    if not dele:
        return [
            _sheet(
                "Gendannelsesark", "Den, der har arket og databasen, kan læse alt. Læg det i et pengeskab.", whole(ring)
            )
        ]
    said = "To af de tre ark er nok til at læse alt; et alene siger intet. Giv dem til tre forskellige."
    return [
        _sheet(f"Gendannelsesark, del {number} af {len(DELE)}", said, parts) for number, parts in split(ring).items()
    ]


def _sheet(title: str, said: str, parts: list[Del]) -> str:
    lines = [title, f"rådgivning, skrevet {dato(today())}", said, ""]
    for part in parts:
        lines += [f"Nøgle {part.kid}", *to_lines(part), ""]
    lines.append(
        "Genskab nøglefilen: raadgivning nøgle gendan   (de to sidste bogstaver på hver linje er linjens kontrol)"
    )
    return "\n".join(lines) + "\n\f"
