"""The model beside which the walks of test_sign_in_machine.py go: who may be let in, what she may open, and the hands.

It says yes at least where the program may; whatever the program grants it must grant too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlmodel import Session

from rådgivning import database
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import Base
from tests.adgang.authenticator import Nøgle
from tests.conftest import Personale

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FRISK, HALV, LEDIG, I_ALT = timedelta(minutes=15), timedelta(minutes=5), timedelta(minutes=60), timedelta(hours=12)
ROLLER = (Rolle.BEBOERRÅDGIVER, Rolle.DATABESKYTTELSE, Rolle.LEDER)
# Page: the roles that may open it, and whether the proof has to be fresh.
SIDER = {
    "/to-trin": (frozenset(ROLLER), False),
    "/to-trin/app": (frozenset(ROLLER), True),
    "/sessioner": (frozenset(ROLLER), False),
    "/beboere": (frozenset({Rolle.BEBOERRÅDGIVER}), False),
    "/brugere": (frozenset({Rolle.DATABESKYTTELSE}), False),
    "/brugere/ny": (frozenset({Rolle.DATABESKYTTELSE}), True),
    "/målinger": (frozenset({Rolle.LEDER}), False),
}
ADMINISTRATION = {"/brugere", "/brugere/ny"}
EGNE = {"/to-trin", "/to-trin/app"}
TALT = {"skridt": 0, "indlogninger": 0, "afvist": 0}


@dataclass
class Person:
    """What the model knows of a user."""

    id: str
    rolle: Rolle
    kodeord: str
    apps: dict[str, int] = field(default_factory=dict)  # seed -> last used step
    nøgler: list[Nøgle] = field(default_factory=list)
    koder: list[str] = field(default_factory=list)
    rækker: dict[str, Nøgle | str] = field(default_factory=dict)  # row -> passkey or seed
    spærret: bool = False
    skal_skifte: bool = False
    set_før: bool = False

    @property
    def har_faktor(self) -> bool:
        """Whether a password is not enough."""
        return bool(self.apps or self.nøgler)


@dataclass
class Sess:
    """What the model knows of a session."""

    person: Person
    faktor: bool
    bevist: datetime
    født: datetime
    set: datetime
    ny_browser: bool = False


@dataclass
class Vindue:
    """A browser: the session it may have, and the sign-in it may be halfway through."""

    klient: FlaskClient
    sess: Sess | None = None
    halv: tuple[Person, datetime, int] | None = None
    kendt: set[str] = field(default_factory=set)
    døde: list[str] = field(default_factory=list)


class Model(RuleBasedStateMachine):
    """What is known of everybody. `app` and `personale` are set by the test."""

    app: Flask
    personale: Personale
    hashed: dict[str, str]

    @initialize()
    def begynd(self) -> None:
        """Everybody with a password and nothing else, nobody signed in."""
        self.nu = START
        database.clock.read = lambda: self.nu
        with Session(self.app.extensions["nøgler"].engine) as session:
            for name in (
                "loginforsøg",
                "mellemtrin",
                "bruger_faktor",
                "genoprettelseskode",
                "besked",
                "brugersession",
                "enhed",
            ):
                session.execute(Base.metadata.tables[name].delete())
            for rolle in ROLLER:
                row = session.get_one(Bruger, self.personale.brugere[rolle].id)
                row.kodeord, row.spærret, row.skal_skifte = self.hashed["begyndelse-uden-mening"], None, False
                session.add(row)
            session.commit()
        ids = self.personale.brugere
        self.folk = [Person(str(ids[r].id), r, "begyndelse-uden-mening") for r in ROLLER]
        self.vinduer = [Vindue(self.app.test_client()) for _ in range(3)]
        self.fjernet: list[Nøgle] = []
        self.talt: dict[bytes, int] = {}  # the counter each passkey was last let in with

    # --- what the model says
    def lever(self, v: Vindue) -> bool:
        """Whether a window's session is alive."""
        s = v.sess
        return s is not None and not s.person.spærret and self.nu < s.født + I_ALT and self.nu - s.set < LEDIG

    def må(self, v: Vindue, sti: str) -> bool:
        """Whether a window may open a page."""
        if not self.lever(v) or v.sess is None:
            return False
        roller, frisk = SIDER[sti]
        s = v.sess
        if frisk and self.nu - s.bevist >= FRISK:
            return False
        if sti in EGNE:
            return not (frisk and s.ny_browser and s.faktor and s.person.rolle is Rolle.DATABESKYTTELSE)
        if sti in ADMINISTRATION and s.ny_browser:
            return False
        return s.person.rolle in roller and not s.person.skal_skifte and s.faktor

    def frisk(self, v: Vindue) -> bool:
        """Whether a window's session is alive and proved lately, and in it if its browser is new to databeskyttelse."""
        return self.må(v, "/to-trin/app")

    def slut(self, person: Person, undtagen: Vindue | None = None) -> None:
        """A user's sessions and half sign-ins end."""
        for v in self.vinduer:
            if v is not undtagen and v.sess is not None and v.sess.person is person:
                v.sess = None
            if v.halv is not None and v.halv[0] is person:
                v.halv = None

    def inde(self, v: Vindue, person: Person, *, faktor: bool) -> None:
        """A sign-in that the program granted."""
        TALT["indlogninger"] += 1
        assert not person.spærret
        assert faktor or not person.har_faktor, "a password alone"
        ny = person.set_før and person.id not in v.kendt
        v.halv, v.sess = None, Sess(person, faktor, self.nu, self.nu, self.nu, ny)
        v.kendt.add(person.id)
        person.set_før = True

    def glem(self, person: Person, undtagen: Vindue | None = None) -> None:
        """No browser but one is known as hers."""
        for v in self.vinduer:
            if v is not undtagen:
                v.kendt.discard(person.id)

    # --- hands
    def token(self, v: Vindue) -> str:
        cookie = v.klient.get_cookie("raadgivning")
        return cookie.value if cookie is not None else ""

    def send(self, v: Vindue, sti: str, **data: str) -> Any:
        """POST; a token that was replaced goes to the dead ones."""
        before = self.token(v)
        svar = v.klient.post(sti, data=data)
        if before and self.token(v) != before:
            v.døde.append(before)
        if v.sess is not None and self.lever(v):
            v.sess.set = self.nu
        TALT["skridt"] += 1
        return svar

    def kode(self, person: Person, frø: str, skridt: int) -> tuple[str, bool]:
        """A code some steps from now, and whether the model takes it."""
        clock = pyotp.TOTP(frø)
        step = clock.timecode(self.nu) + skridt
        text = clock.generate_otp(step)
        good = {
            clock.generate_otp(s)
            for s in range(clock.timecode(self.nu) - 1, clock.timecode(self.nu) + 2)
            if s > person.apps.get(frø, 0)
        }
        return text, frø in person.apps and text in good

    def bevis(self, data: st.DataObject, person: Person) -> tuple[str, bool, str]:
        """Some code, whether the model takes it as this user's, and what it is: a seed, a recovery code or nothing."""
        seeds = [frø for p in self.folk for frø in p.apps]
        papers = [k for p in self.folk for k in p.koder]  # in an order that a replay has too
        kind = data.draw(st.sampled_from(["app"] * bool(seeds) * 3 + ["papir"] * bool(papers) + ["gæt"]))
        if kind == "app":
            frø = data.draw(st.sampled_from(seeds))
            text, right = self.kode(person, frø, data.draw(st.sampled_from([0, 0, 0, 1, -1, 2, -2])))
            return text, right, frø
        if kind == "papir":
            paper = data.draw(st.sampled_from(papers))
            return paper, paper in person.koder, paper
        return "000000", False, ""

    def brugt(self, person: Person, what: str, kode: str) -> None:
        """A code that the program took is used up."""
        if what in person.apps:
            clock = pyotp.TOTP(what)
            steps = [
                s
                for s in range(clock.timecode(self.nu) - 1, clock.timecode(self.nu) + 2)
                if clock.generate_otp(s) == kode
            ]
            person.apps[what] = max([person.apps[what], *steps])
        else:
            person.koder.remove(what)
