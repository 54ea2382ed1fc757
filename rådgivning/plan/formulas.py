"""Formulas of indicators: + - * / and parentheses over numbers and the keys of the plan's optællinger. Never evaluated
as code: a small parser of our own makes a tree of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

LÆNGST = 300
_DYBEST = 30
_TOKEN = re.compile(r"\s*(?:(?P<tal>\d+(?:[.,]\d+)?)|(?P<navn>[a-zæøå_][0-9a-zæøå_]*|'[^']*')|(?P<tegn>[-+*/()]))")


class FormelFejl(ValueError):
    """A formula that cannot be read; the sentence says where (sign, from 1) and what."""

    def __init__(self, plads: int, besked: str) -> None:
        super().__init__(f"Formlen, tegn {plads}: {besked}")


class KanIkkeBeregnes(Exception):
    """A formula has no value for these figures; the Danish sentence says why."""


class Led(NamedTuple):
    """A token: what it is (tal, navn, or the sign itself), its text and its place from 1."""

    slags: str
    tekst: str
    plads: int


@dataclass(frozen=True)
class Formel:
    """A formula that has been read. `træ` is a number, a name, or (sign, left, right)."""

    træ: Træ
    pladser: Mapping[str, int]

    @property
    def navne(self) -> tuple[str, ...]:
        """The optællinger it uses, in the order they stand."""
        return tuple(self.pladser)

    def beregn(self, værdier: Mapping[str, int | None], mindste_nævner: int) -> Decimal:
        """The value. Raises KanIkkeBeregnes when a figure is left out, or when it would divide by less than
        `mindste_nævner` counted: a share of few would be the rounding's and not the work's."""
        return _value(self.træ, værdier, mindste_nævner)


Træ = Decimal | str | tuple[str, "Træ", "Træ"]


def læs_formel(tekst: str) -> Formel:
    """Read a formula. Raises FormelFejl."""
    return _Parser(tekst).whole()


class _Parser:
    def __init__(self, tekst: str) -> None:
        if len(tekst) > LÆNGST:
            raise FormelFejl(LÆNGST, f"Den er for lang (højst {LÆNGST} tegn).")
        self.end = Led("slut", "", len(tekst) + 1)
        self.rest = [*_tokens(tekst), self.end]
        self.names: dict[str, int] = {}
        self.depth = 0

    def whole(self) -> Formel:
        tree = self.sum()
        if self.rest[0].slags != "slut":
            raise FormelFejl(self.rest[0].plads, f"Her ventes + - * / eller slutningen, ikke »{self.rest[0].tekst}«.")
        if not self.names:
            raise FormelFejl(1, "Den skal bruge mindst én optælling.")
        return Formel(tree, self.names)

    def sum(self) -> Træ:
        self.depth += 1
        if self.depth > _DYBEST:
            raise FormelFejl(self.rest[0].plads, "Der er for mange parenteser i hinanden.")
        tree = self.product()
        while self.rest[0].slags in ("+", "-"):
            tree = (self.rest.pop(0).slags, tree, self.product())
        self.depth -= 1
        return tree

    def product(self) -> Træ:
        tree = self.part()
        while self.rest[0].slags in ("*", "/"):
            sign = self.rest.pop(0)
            right = self.part()
            if sign.slags == "/" and right == 0:
                raise FormelFejl(sign.plads, "Der kan ikke deles med 0.")
            tree = (sign.slags, tree, right)
        return tree

    def part(self) -> Træ:
        led = self.rest.pop(0) if len(self.rest) > 1 else self.end
        if led.slags == "tal":
            return Decimal(led.tekst.replace(",", "."))
        if led.slags == "navn":
            name = led.tekst.strip("'")
            self.names.setdefault(name, led.plads)
            return name
        if led.slags == "(":
            inner = self.sum()
            if self.rest[0].slags != ")":
                raise FormelFejl(led.plads, "Parentesen bliver ikke lukket.")
            self.rest.pop(0)
            return inner
        raise FormelFejl(led.plads, "Her mangler et tal, en optælling eller en parentes.")


def _tokens(tekst: str) -> Iterator[Led]:
    at = 0
    while at < len(tekst.rstrip()):
        found = _TOKEN.match(tekst, at)
        if found is None:
            at += len(tekst[at:]) - len(tekst[at:].lstrip())
            raise FormelFejl(at + 1, f"Tegnet »{tekst[at]}« kan ikke stå i en formel.")
        kind = str(found.lastgroup)
        text = found[kind]
        yield Led(text if kind == "tegn" else kind, text, found.start(kind) + 1)
        at = found.end()


def _value(tree: Træ, values: Mapping[str, int | None], least: int) -> Decimal:
    if isinstance(tree, Decimal):
        return tree
    if isinstance(tree, str):
        found = values[tree]
        if found is None:
            raise KanIkkeBeregnes("Kan ikke beregnes: et af tallene er udeladt eller findes ikke for perioden.")
        return Decimal(found)
    sign, *sides = tree
    left, right = (_value(side, values, least) for side in sides)
    if sign == "/":
        if right < least and not isinstance(sides[1], Decimal):
            raise KanIkkeBeregnes("For få til en andel.")
        return left / right
    return left + right if sign == "+" else left - right if sign == "-" else left * right


def vis_formel(tekst: str, navne: Mapping[str, str]) -> str:
    """The formula as people read it: names as what they count, × and ÷ for the signs."""
    words = [
        f"»{navne.get(led.tekst.strip(chr(39)), led.tekst)}«" if led.slags == "navn" else led.tekst.replace("*", "×")
        for led in _tokens(tekst)
    ]
    return " ".join(words).replace("( ", "(").replace(" )", ")").replace("/", "÷")
