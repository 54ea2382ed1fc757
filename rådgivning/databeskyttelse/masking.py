"""What is left out of what a resident is handed: words that are struck out, whole texts, and texts about third parties.

Applied once to the collected values, before anything is written: PDF and JSON are both made of what is left. What is
struck out goes however it is written: as it is kept, and as it is printed.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rådgivning.dansk import normaliser_telefon
from rådgivning.databeskyttelse.collecting import Post, Samling
from rådgivning.databeskyttelse.export_words import er_fritekst, felt
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData
from rådgivning.databeskyttelse.request_words import OVERSTREGNING

TREDJEPART: Final = "tredjepart"
FRA, TIL = "\ue000", "\ue001"
"""Around the reason of what is struck out, until a writer says it in its own way."""
_MARKS: Final = re.compile(f"[{FRA}{TIL}]")
MÆRKE: Final = re.compile(f"{FRA}([a-zæøå_]+){TIL}")
_HELE: Final = "anden_person"
_KILDER: Final = "henvisningskilde"
_HUN: Final = "beboeren_selv"
"""The source that is she herself: there is nobody to leave out."""
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BETWEEN: Final = r"[\s./-]*"
TVIVLSOMME: Final = frozenset({"aftale", "aftale_note"})
"""Tables whose rows are found by an address: nobody has written down since when she has lived there, so they may be
about whoever lived there before, and are given only when databeskyttelse has chosen them (`medtaget` by the row)."""
Trykt = Callable[[str, str, str], str]
"""How a value of a table's field is printed."""


@dataclass(frozen=True)
class Fritekst:
    """A text somebody has written, as databeskyttelse reads it; or the key of a `kilde`, who told it. `nøgle` is what
    `udeladt` and `medtaget` name, `felt` the field's own name."""

    nøgle: str
    tabel: str
    dag: str
    navn: str
    tekst: str
    tredjepart: bool
    felt: str
    kilde: bool


@dataclass
class Sløring:
    """What is struck out and left out, and how often: counted by reason. `ramt` are the masks that hit something."""

    data: AnmodningData
    trykt: Trykt
    antal: Counter[str] = field(default_factory=Counter)
    ramt: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._patterns = [(_pattern(mask.tekst), mask) for mask in self.data.masker if mask.tekst.strip()]

    @property
    def forgæves(self) -> list[str]:
        """What was to be struck out and stands nowhere."""
        return [mask.tekst for _pattern, mask in self._patterns if mask.tekst not in self.ramt]

    def samling(self, samling: Samling) -> Samling:
        """All of it without what is left out. Users are told by their roles, unless their names are to be given."""
        navne = samling.navne if self.data.med_navne else {}
        shown = {id_: self._user(samling, id_) for id_ in samling.navne}
        given = {tabel: [post for post in rows if self.gives(post)] for tabel, rows in samling.poster.items()}
        poster = {tabel: [self._post(post, shown) for post in rows] for tabel, rows in given.items() if rows}
        return replace(samling, poster=poster, navne=navne)

    def gives(self, post: Post) -> bool:
        """Whether a row is hers; one that may be another's is so only when it was chosen."""
        return post.tabel not in TVIVLSOMME or post.id in self.data.medtaget

    def _user(self, samling: Samling, id_: str) -> str:
        rolle = samling.roller[id_]
        return f"{samling.navne[id_]} ({rolle})" if self.data.med_navne else rolle

    def _post(self, post: Post, users: dict[str, str]) -> Post:
        tabel = post.tabel
        return replace(
            post,
            række=self._value(post.række, (tabel, ""), f"{post.id}//", users),
            indhold=self._value(post.indhold, (tabel, ""), post.id, users),
        )

    def _value(self, value: Any, hvad: tuple[str, str], sti: str, users: dict[str, str]) -> Any:
        """`hvad`: the table and the field, which stays the same inside a list."""
        if isinstance(value, dict):
            tabel = hvad[0]
            return {str(n): self._value(one, (tabel, str(n)), f"{sti}/{n}", users) for n, one in value.items()}
        if isinstance(value, list):
            return [self._value(one, hvad, f"{sti}/{n}", users) for n, one in enumerate(value)]
        if not isinstance(value, str) or not value:
            return value
        return users.get(value) or self._text(value, hvad, sti)

    def _text(self, text: str, hvad: tuple[str, str], sti: str) -> str:
        grund = self.data.udeladt.get(sti, "")
        if not grund and _about_others(sti) and sti not in self.data.medtaget:
            grund = _HELE
        if grund:
            self.antal[grund] += 1
            return f"{FRA}{grund}{TIL}"
        text = _MARKS.sub("", text)
        for pattern, mask in self._patterns:
            text, antal = pattern.subn(f"{FRA}{mask.grund}{TIL}", text)
            if not antal and pattern.search(self.trykt(*hvad, text)):
                text, antal = f"{FRA}{mask.grund}{TIL}", 1  # a key, a date: what is kept reads otherwise on paper
            if antal:
                self.antal[mask.grund] += antal
                self.ramt.add(mask.tekst)
        return text


def _about_others(sti: str) -> bool:
    return TREDJEPART in sti.split("/")


def _pattern(text: str) -> re.Pattern[str]:
    """The words as they were typed, however they are cased and spaced, with a genitive s; and no part of a word. A
    telephone number is found however it is written."""
    try:
        number = normaliser_telefon(text)
    except ValueError:
        number = ""
    if number:
        danish = number.startswith("+45")
        before = rf"(?:(?:\+|00)?{_BETWEEN}45{_BETWEEN})?" if danish else rf"(?:\+|00){_BETWEEN}"
        return re.compile(rf"(?<![\d+]){before}{_BETWEEN.join(number[3 if danish else 1 :])}(?!\d)")
    words = r"\s+".join(re.escape(word) for word in _MARKS.sub("", text).split())
    return re.compile(rf"(?<![\w{FRA}]){words}(?:['’]?s)?(?!\w)", re.IGNORECASE)


def fritekster(samling: Samling) -> list[Fritekst]:
    """Every text that somebody has written about her, unmasked, in the order of the tables."""
    return [text for rows in samling.poster.values() for post in rows for text in _texts(post)]


def aftryk_af(texts: Sequence[Fritekst]) -> str:
    """A hash of every text, so that one written later is noticed. What databeskyttelse types herself is none of
    them."""
    digest = hashlib.sha256()
    for text in texts:
        if text.tabel != Anmodning.__tablename__:
            digest.update(f"{text.nøgle}\x00{text.tekst}\x01".encode())
    return digest.hexdigest()


def _texts(post: Post) -> Iterator[Fritekst]:
    dag = next((str(post.række[name]) for name in ("dato", "modtaget", "oprettet", "ændret", "frist", "gemt")
                if post.række.get(name)), "")  # fmt: skip
    for sti, navn, tekst in _walk(post.indhold, post.id, ""):
        om = felt(post.tabel, navn)
        kilde = om.liste == _KILDER
        if (kilde and tekst != _HUN) or (er_fritekst(post.tabel, navn) and not _UUID.fullmatch(tekst)):
            yield Fritekst(sti, post.tabel, dag[:10], om.navn, tekst, _about_others(sti), navn, kilde)


def _walk(value: Any, sti: str, navn: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _walk(one, f"{sti}/{name}", str(name))
    elif isinstance(value, list):
        for n, one in enumerate(value):
            yield from _walk(one, f"{sti}/{n}", navn)
    elif isinstance(value, str) and value.strip():
        yield sti, navn, value


def i_ord(text: str) -> str:
    """A text as JSON and pages say it: what is struck out, and why."""
    return MÆRKE.sub(lambda found: f"[overstreget: {OVERSTREGNING.get(found[1], found[1])}]", text)


def i_stykker(text: str) -> list[dict[str, str]]:
    """A text as the PDF draws it: pieces of text, and between them the reasons of what is struck out."""
    parts = MÆRKE.split(text)
    pieces = [{"t": part} if n % 2 == 0 else {"m": OVERSTREGNING.get(part, part)} for n, part in enumerate(parts)]
    return [piece for piece in pieces if piece.get("t") != ""]
