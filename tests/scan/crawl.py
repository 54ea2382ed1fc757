"""What there is to scan for one role: every kind of page, every kind of form and field, and every kind of query."""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from rådgivning.database import today
from tests.scan.door import Dør, Svar, ascii_navn

Felter = list[tuple[str, str, str]]
Mærke = tuple[str, str, str, tuple[str, ...]]
FORM = "application/x-www-form-urlencoded"
AF_HVER = 15
"""So many pages of each kind are read: the first may be empty, or hold no form."""
RUNDER = 3
"""So often is every new kind of form filled in and sent: what that makes has pages and forms of its own."""
IKKE = {"static", "adgang.log_ud", "drift.healthz", "drift.readyz"}
"""Not followed. What ends the session is not attacked either: it takes no field but the token."""
LOG_IND = re.compile(r"adgang\.(log_ind|kode|passkey$|passkey_udfordring|oidc)")
"""The way in, which only who is not signed in attacks: the program makes whoever tries it often wait."""
_NUMBER = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|\d+")
_UNTESTED = {"csrf_token"}
OVERALT = {"formular_id", "version"}
"""Every form has these from the same class: one form of each role stands for them."""
_FILE = """dato;afdeling;art;hovedemne;navn;adresse;lejemål;beløb
01.10.2026;AAB 55;en_til_en;gæld;Zxq Prøvesen;Zxqvej 1;1-2-3;1000
"""
_TEXT = "Zxq Prøvesen forklarer det"
_EXAMPLES = {
    "date": today().isoformat(), "time": "10:00", "month": today().isoformat()[:7], "number": "1", "numeric": "1",
    "decimal": "1", "tel": "20123456", "email": "zxq@example.org", "år": str(today().year), "brugernavn": "zxq",
}  # fmt: skip


@dataclass
class Formular:
    """A form as it stands on a page: (name, value, type) of its fields, in order."""

    side: str
    metode: str
    sti: str
    enctype: str
    felter: Felter = field(default_factory=list)


@dataclass(frozen=True)
class Mål:
    """One request to attack: `felter` are the names of the parameters to try, there as `door.ascii_navn` spells them; a
    path holds its own mark."""

    slags: str
    metode: str
    sti: str
    felter: tuple[str, ...]
    krop: bytes = b""
    enctype: str = ""


class Læser(HTMLParser):
    """Addresses and forms of one page."""

    def __init__(self, side: str) -> None:
        super().__init__()
        self.side, self.links, self.former = side, list[str](), list[Formular]()
        self._form: Formular | None = None
        self._select = self._textarea = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An opening tag; any attribute that is a path of this site counts as a link, a script may follow it."""
        found = {name: value or "" for name, value in attrs}
        self.links += [value for name, value in found.items() if name != "action" and re.match(r"/(?!/)", value)]
        self.links += [found["href"]] if tag == "a" and found.get("href", "").startswith("?") else []
        if tag == "form":
            where = urljoin(self.side, found.get("action") or self.side)
            metode = found.get("method", "get").upper()
            self._form = Formular(self.side, metode, where, found.get("enctype") or FORM)
            self.former.append(self._form)
        elif self._form is not None:
            self._field(self._form.felter, tag, found)

    def _field(self, felter: Felter, tag: str, found: dict[str, str]) -> None:
        name, slags = found.get("name", ""), found.get("type", "text")
        known = any(had == name for had, _value, _type in felter)
        if tag == "option" and self._select:
            had, value, slags = felter[-1]
            if found.get("value") and (not value or "selected" in found):
                felter[-1] = (had, found["value"], slags)
        elif name and tag in {"input", "button", "select", "textarea"}:
            choice = tag == "button" or slags in {"radio", "checkbox", "submit"}
            if choice and known and "checked" not in found:
                return
            if choice and known:
                felter[:] = [entry for entry in felter if entry[0] != name]
            kind = found.get("inputmode") or slags
            felter.append((name, found.get("value", ""), kind if tag == "input" else tag))
            self._select, self._textarea = tag == "select", tag == "textarea"

    def handle_data(self, data: str) -> None:
        """What stands in a textarea is its value."""
        if self._textarea and self._form is not None:
            name, value, slags = self._form.felter[-1]
            self._form.felter[-1] = (name, value + data, slags)

    def handle_endtag(self, tag: str) -> None:
        """The end of what was open."""
        self._select = self._select and tag != "select"
        self._textarea = self._textarea and tag != "textarea"
        self._form = None if tag == "form" else self._form


class Kort:
    """Kinds: paths by the program's own routes, names without their numbers."""

    def __init__(self, ruter: MapAdapter) -> None:
        self._ruter = ruter

    def slags(self, sti: str, metode: str = "GET") -> tuple[str, dict[str, object]] | None:
        """The route of a path, and its arguments; None when the site has none."""
        try:
            endpoint, arguments = self._ruter.match(unquote(urlsplit(sti).path), method=metode)
        except (HTTPException, RequestRedirect):
            return None
        return endpoint, dict(arguments)

    def dele(self, form: Formular) -> set[tuple[str, str, str]]:
        """What a form holds to try: its fields, by method and route."""
        found = self.slags(form.sti, form.metode)
        where = found[0] if found else form.sti
        names = {name for name, _value, _type in form.felter} - _UNTESTED
        return {(form.metode, "" if name in OVERALT else where, navneslags(name)) for name in names}


def mærke(form: Formular) -> Mærke:
    """What makes a form on a page the one it is."""
    return form.side, form.metode, form.sti, tuple(name for name, _value, _type in form.felter)


def navneslags(navn: str) -> str:
    """A field's name without its numbers."""
    return _NUMBER.sub("N", navn)


class Gennemgang:
    """Everything a role can walk to: links, and then what lies behind the forms."""

    def __init__(self, dør: Dør, kort: Kort) -> None:
        self._dør, self._kort = dør, kort
        self.sider: dict[str, int] = {}
        self.slags: set[str] = set()
        self.former: list[Formular] = []
        self._met = Counter[object]()

    def følg(self, begynd: Iterable[str]) -> None:
        """Follow every link from these paths, some pages of each kind of path and query."""
        queue = deque(begynd)
        while queue:
            sti = escape(queue.popleft().split("#")[0])
            kind = self._kort.slags(sti)
            query = frozenset(name for name, _value in parse_qsl(urlsplit(sti).query, keep_blank_values=True))
            if (
                kind is None
                or kind[0] in IKKE
                or (self._dør.brugernavn and LOG_IND.match(kind[0]))
                or sti in self.sider
                or self._met[kind[0], query] >= AF_HVER
            ):
                continue
            self._met[kind[0], query] += 1
            queue.extend(self._læs(sti, kind[0]))

    def _læs(self, sti: str, slags: str) -> list[str]:
        answer = self._dør.hent("GET", sti)
        while answer.status == 202:
            time.sleep(1)
            answer = self._dør.hent("GET", sti)
        self.sider[sti] = answer.status
        self.slags |= {slags} if answer.status < 400 else set()
        return self._links(sti, answer)

    def _igen(self, sti: str) -> list[str]:
        kind = self._kort.slags(sti)
        return self._læs(sti, kind[0]) if kind else []

    def _links(self, sti: str, answer: Svar) -> list[str]:
        if answer.status in {302, 303}:
            return [urljoin(sti, answer.hoved("Location"))]
        if answer.status not in {200, 403, 409, 422} or "html" not in answer.hoved("Content-Type"):
            return []
        page = Læser(sti)
        page.feed(answer.krop.decode())
        self.former += page.former
        return [urljoin(sti, link) for link in page.links]

    def tryk(self) -> None:
        """Send every kind of form once, and see where that leads and what it changed on its page."""
        pressed = set[Mærke]()
        for _ in range(RUNDER):
            new = [form for form, _new in dækkende(self._kort, self.former) if mærke(form) not in pressed]
            for form in new:
                pressed.add(mærke(form))
                body, enctype = indhold(form)
                sti = escape(form.sti)
                if form.metode == "POST":
                    answer = self._dør.hent("POST", sti, body, {"Content-Type": enctype})
                    links = self._links(form.side, answer)
                else:
                    links = [f"{urlsplit(sti).path}?{body.decode()}"]
                self.følg([*links, *self._igen(form.side)])
            self.følg([link for sti in list(self.sider) if not _NUMBER.search(sti) for link in self._igen(sti)])


def escape(sti: str) -> str:
    """A path and query as they go over the wire."""
    return quote(sti, safe="/?&=%+;,:@~")


def dækkende(kort: Kort, former: list[Formular]) -> list[tuple[Formular, set[tuple[str, str, str]]]]:
    """As few of the forms as hold every kind of field, each with those it is the first to hold."""
    left = [(form, kort.dele(form)) for form in former]
    covered, chosen = set[tuple[str, str, str]](), []
    for form, parts in sorted(left, key=lambda entry: -len(entry[1])):
        if new := parts - covered:
            covered |= new
            chosen.append((form, new))
    return chosen


def mål(kort: Kort, found: Gennemgang, læser: Callable[[str], list[str]]) -> list[Mål]:
    """Everything to attack: forms, what a page is asked by (`læser`: the names its view reads), and words in paths."""
    out = []
    for form, parts in dækkende(kort, found.former):
        wanted = {name for _method, _where, name in parts}
        names = [name for name, _value, slags in form.felter if navneslags(name) in wanted and slags != "file"]
        firsts = {navneslags(name): name for name in reversed(names)}
        if not firsts:
            continue
        body, enctype = indhold(form)
        where = escape(ascii_navn(unquote(form.sti)))
        if form.metode == "GET":
            where, body = f"{urlsplit(where).path}?{body.decode()}", b""
        out.append(Mål("formular", form.metode, where, tuple(firsts.values()), body, enctype))
    met = set[tuple[str, str]]()
    for sti in [sti for sti, status in found.sider.items() if status < 400]:
        kind = kort.slags(sti)
        assert kind is not None
        words = [value for value in kind[1].values() if isinstance(value, str)]
        if words and (kind[0], "") not in met:
            met.add((kind[0], ""))
            marked = unquote(urlsplit(sti).path)
            for word in words:
                marked = re.sub(rf"(?<=[/.]){re.escape(word)}(?=[/.]|$)", f"{word}*", marked, count=1)
            out.append(Mål("sti", "GET", quote(ascii_navn(marked), safe="/*"), ()))
        pairs = parse_qsl(urlsplit(sti).query, keep_blank_values=True)
        pairs += [(name, "1") for name in læser(kind[0]) if name not in dict(pairs)]
        if new := [name for name in dict(pairs) if (kind[0], name) not in met]:
            met |= {(kind[0], name) for name in new}
            query = urlencode([(ascii_navn(name), value) for name, value in pairs])
            out.append(
                Mål("forespørgsel", "GET", f"{escape(ascii_navn(unquote(urlsplit(sti).path)))}?{query}", tuple(new))
            )
    return out


def indhold(form: Formular) -> tuple[bytes, str]:
    """The form's body, filled in, and its type."""
    values = dict[str, str]()
    for name, value, slags in form.felter:
        values.setdefault(name, value or _EXAMPLES.get(name) or _EXAMPLES.get(slags, _TEXT))
    if form.metode == "GET" or not form.enctype.startswith("multipart"):
        return urlencode({ascii_navn(name): value for name, value in values.items()}).encode(), FORM
    files = {name for name, _value, slags in form.felter if slags == "file"}
    mark, lines = "zxqzxqzxqzxqzxqzxq", list[str]()
    for name, value in values.items():
        sent = name == "fil"  # the other files are pictures and documents, and may be left out
        extra = f'; filename="{"zxq.csv" if sent else ""}"\r\nContent-Type: text/csv' if name in files else ""
        text = value if name not in files else _FILE if sent else ""
        lines.append(f'--{mark}\r\nContent-Disposition: form-data; name="{ascii_navn(name)}"{extra}\r\n\r\n{text}\r\n')
    return ("".join(lines) + f"--{mark}--\r\n").encode(), f"multipart/form-data; boundary={mark}"
