"""The one permission table, and how a route declares what it needs. Knows no keys: the figures' rooms may import it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

from flask import Flask, g
from sqlmodel import Session

from rådgivning.database import Base
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Adgang, Aktør, aktør, skriv


class Rolle(StrEnum):
    """Who a user is."""

    BEBOERRÅDGIVER = "beboerrådgiver"
    EJENDOMSDRIFT = "ejendomsdrift"
    INKASSO = "inkasso"
    LEDER = "leder"
    DATABESKYTTELSE = "databeskyttelse"


class Ret(StrEnum):
    """What may be done. Each route needs exactly one of these."""

    FORSIDE = "se egen forside"
    EGEN_ADGANG = "se og afslutte egne sessioner"
    LOGIN = "skifte egen adgangskode, sætte eget login i to trin op, logge ud"
    HJÆLP = "læse hjælpen"
    BESKEDER = "se egne beskeder og vælge, hvordan de kommer"
    KLADDE = "gemme egne kladder"
    BEBOERE = "se og rette beboere"
    KONTAKTER = "logge og rette kontakter"
    SAMTYKKER = "se og registrere samtykker"
    OPGAVER = "se og udføre opgaver"
    KALENDER = "aftale besøg i den fælles kalender"
    IMPORT = "importere kontakter"
    HENVIS = "henvise og følge egne henvisninger"
    HENVISNINGER = "tage henvisninger op"
    INDBERET_RESTANCE = "indberette restancer og følge egne"
    RESTANCER = "arbejde med restancesager"
    SUNDHEDSTJEK = "registrere Sundhedstjek"
    DELMÅL = "se delmål"
    MÅLINGER = "indtaste målinger"
    PLAN = "rette helhedsplanen"
    INDKALDELSESTEKSTER = "læse indkaldelsens tekster igennem"
    STATISTIK = "hente beskyttede tal"
    REGISTREREDE = "behandle beboeres anmodninger efter databeskyttelsesforordningen"
    BRUGERE = "oprette og spærre brugere"
    SPOR = "læse sporet"
    NØDADGANG = "åbne en kollegas beboer med nødadgang og navngive en vikar"
    RETTIGHEDER = "føre tilsyn med rettigheder, nødadgang og vikarer"


_ALLE = frozenset({Ret.FORSIDE, Ret.EGEN_ADGANG, Ret.LOGIN, Ret.HJÆLP, Ret.BESKEDER})

RETTIGHEDER: Mapping[Rolle, frozenset[Ret]] = {
    Rolle.BEBOERRÅDGIVER: _ALLE
    | {
        Ret.KLADDE,
        Ret.BEBOERE,
        Ret.KONTAKTER,
        Ret.SAMTYKKER,
        Ret.OPGAVER,
        Ret.KALENDER,
        Ret.IMPORT,
        Ret.HENVISNINGER,
        Ret.RESTANCER,
        Ret.SUNDHEDSTJEK,
        Ret.DELMÅL,
        Ret.NØDADGANG,
    },
    Rolle.EJENDOMSDRIFT: _ALLE | {Ret.KLADDE, Ret.HENVIS, Ret.KALENDER},
    Rolle.INKASSO: _ALLE | {Ret.KLADDE, Ret.HENVIS, Ret.INDBERET_RESTANCE},
    Rolle.LEDER: _ALLE | {Ret.DELMÅL, Ret.MÅLINGER, Ret.PLAN, Ret.INDKALDELSESTEKSTER, Ret.STATISTIK},
    Rolle.DATABESKYTTELSE: _ALLE | {Ret.REGISTREREDE, Ret.BRUGERE, Ret.SPOR, Ret.RETTIGHEDER},
}

# What of each table is the owner's alone: the free text. Names, addresses, dates, topics and phases are the team's, so
# that a colleague who stands in finds her way, and of a consent for what, to whom and until when; the calendar's note
# goes with the visit, whoever makes it.
_CASEWORK: Mapping[str, frozenset[str]] = {
    "beboer": frozenset({"note"}),
    "lejemål": frozenset(),
    "samtykke": frozenset({"ordlyd", "virkning"}),
    "kontakt": frozenset({"notat", "tredjepart"}),
    "kontakt_version": frozenset({"notat", "tredjepart"}),
    "opgave": frozenset({"note"}),
    "henvisning": frozenset({"beskrivelse"}),
    "henvisning_behandling": frozenset({"note"}),
    "restancesag": frozenset({"note", "forsøg.note"}),
    "restanceliste": frozenset(),
    "sammenlægning": frozenset({"udgået.note", "før.note", "efter.note"}),
    "anmodning": frozenset({"ønske", "forlænget", "afslag", "rettet", "modtagere", "ophævet", "begrundelse"}),
    "bemærkning": frozenset(),
    "fastholdelse": frozenset(),
    "nødadgang": frozenset(),
}
_KALENDER = ("aftale", "aftale_note", "optaget")
_HENVIST = frozenset({"navn", "telefon", "adresse", "afdeling", "grund", "beskrivelse", "beboer_ved_det", "kilde"})
_MELDT = frozenset({"navn", "telefon", "adresse", "lejemål", "afdeling", "måneder", "beløb", "hændelser"})
_EGNE, _FÆLLES = Adgang("egne"), Adgang("alle")

# Per role and table: which rows, and which parts of them. The leder has no line at all. databeskyttelse reads why a
# colleague's row was opened, and nothing else.
ÅBNER: Mapping[Rolle, Mapping[str, Adgang]] = {
    Rolle.BEBOERRÅDGIVER: {
        **{tabel: Adgang("alle", kun_ejer=dele) for tabel, dele in _CASEWORK.items()},
        **dict.fromkeys(_KALENDER, _FÆLLES),
        "kladde": _EGNE,
    },
    Rolle.EJENDOMSDRIFT: {
        "henvisning": Adgang("egne", _HENVIST),
        "kladde": _EGNE,
        "aftale": Adgang("organisation"),
        "optaget": _FÆLLES,
    },
    Rolle.INKASSO: {
        "henvisning": Adgang("egne", _HENVIST),
        "restancesag": Adgang("egne", _MELDT),
        "restanceliste": _EGNE,
        "kladde": _EGNE,
    },
    Rolle.LEDER: {},
    Rolle.DATABESKYTTELSE: {"nødadgang": _FÆLLES, "gennemset": _FÆLLES},
}


def systemet(helhedsplan_id: uuid.UUID) -> Aktør:
    """The program itself, keeping in step what it holds in memory and what belongs together: nobody looks at anybody,
    and the trail gets counts."""
    return Aktør(helhedsplan_id=helhedsplan_id, åbner=dict.fromkeys(("beboer", "lejemål", "restancesag"), _FÆLLES))


@dataclass(frozen=True)
class Indlogget:
    """The signed-in user of this request."""

    id: uuid.UUID
    navn: str
    rolle: Rolle
    helhedsplan_id: uuid.UUID
    boligorganisation: str
    skal_skifte: bool = False
    uden_faktor: bool = False

    def som_aktør(self) -> Aktør:
        """This user as the trail and the envelopes know her; without a needed second factor she opens nothing."""
        åbner = {} if self.uden_faktor else ÅBNER[self.rolle]
        return Aktør(self.id, self.rolle, self.helhedsplan_id, åbner, self.boligorganisation)

    def har(self, ret: Ret) -> bool:
        """Whether she has a right; with nothing but a password, only that to finish signing in."""
        return ret in RETTIGHEDER[self.rolle] and (ret is Ret.LOGIN or not self.uden_faktor)


class IkkeFundet(Exception):
    """There is no such thing, or the actor may not know of it: 404.

    `fremmed`: it exists but is not the actor's, which the trail tells and the page does not. `noteret`: the refusal is
    in the trail already.
    """

    def __init__(
        self, genstand: str, række: uuid.UUID | None = None, *, fremmed: bool = False, noteret: bool = False
    ) -> None:
        super().__init__(genstand)
        self.genstand = genstand
        self.række = række
        self.fremmed = fremmed
        self.noteret = noteret

    @property
    def anledning(self) -> str:
        """The trail's words for it."""
        return "hører til et andet sted" if self.fremmed else "findes ikke"


class Forbudt(Exception):
    """The actor knows that it exists but may not: 403. `besked` says who may, where her role is not in the way."""

    def __init__(self, genstand: str, besked: str = "") -> None:
        super().__init__(genstand)
        self.genstand = genstand
        self.besked = besked


class Konflikt(Exception):
    """Somebody else was faster: 409. The message is a Danish sentence that says what to do."""


View = TypeVar("View", bound=Callable[..., object])
_DECLARED = "__ret__"


def kræver(*ret: Ret) -> Callable[[View], View]:
    """Declare the right a view needs; with several, any one of them is enough."""

    def declare(view: View) -> View:
        setattr(view, _DECLARED, frozenset(ret))
        return view

    return declare


def offentlig(view: View) -> View:
    """Declare that a view is open to those who are not signed in."""
    setattr(view, _DECLARED, frozenset())
    return view


def declared_rights(view: Callable[..., object]) -> frozenset[Ret]:
    """The rights of which a view needs one; empty for a public view."""
    return cast("frozenset[Ret]", getattr(view, _DECLARED))


def check_declarations(app: Flask) -> None:
    """Refuse to start with a route that does not say who may use it."""
    endpoints = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    missing = [rule for endpoint, rule in endpoints.items() if not hasattr(app.view_functions[endpoint], _DECLARED)]
    if missing:
        raise RuntimeError(f"Routes without a declared permission: {', '.join(sorted(missing))}")


def current_user() -> Indlogget:
    """The signed-in user; only in views that declare a right."""
    user = indlogget()
    if user is None:
        raise Forbudt("session")
    return user


def indlogget() -> Indlogget | None:
    """The signed-in user, or None."""
    return cast("Indlogget | None", g.get("bruger"))


def current_user_id() -> uuid.UUID:
    """The signed-in user's id."""
    return current_user().id


def current_role() -> Rolle:
    """The signed-in user's role."""
    return current_user().rolle


def current_helhedsplan_id() -> uuid.UUID:
    """The helhedsplan the signed-in user works in."""
    return current_user().helhedsplan_id


def har_ret(ret: Ret) -> bool:
    """Whether the signed-in user has this right (False when nobody is signed in)."""
    user = indlogget()
    return user is not None and user.har(ret)


Række = TypeVar("Række", bound=Base)


def hent(session: Session, model: type[Række], række: uuid.UUID, *, egen: bool = False) -> Række:
    """The row if it belongs to the actor's helhedsplan (with `egen`: to the actor); raises IkkeFundet otherwise.

    Where the actor opens only her boligorganisation's rows (ÅBNER), another organisation's is not found either.
    The refusal is written here, so that it stands in the trail also where a page catches it and explains it.
    """
    found = session.get(model, række)
    who = aktør(session)
    if found is not None and _belongs(found, who, egen=egen):
        return found
    refused = IkkeFundet(str(model.__tablename__), række, fremmed=found is not None, noteret=True)
    skriv(session, Handling.AFVIST, refused.genstand, [række], anledning=refused.anledning, detaljer={"status": 404})
    raise refused


def _belongs(row: Base, who: Aktør, *, egen: bool) -> bool:
    own = not egen or getattr(row, "ejer_id", None) == who.bruger_id
    if who.omfang(str(row.__tablename__)) == "organisation" and not who.samme_organisation(row):
        return False
    return own and getattr(row, "helhedsplan_id", None) == who.helhedsplan_id
