"""Random walks over signing in, factors, step-up, sessions and rights, beside a small model: never a right too many.

The model says who may be let in and what she may open. The program may be slower to say yes (it counts attempts), but
whatever it grants the model must grant too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import hypothesis
import pyotp
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from rådgivning import create_app
from rådgivning.adgang import passwords
from rådgivning.adgang.passwords import hash_kodeord
from rådgivning.database import new_id
from rådgivning.settings import Settings
from tests.adgang.authenticator import Nøgle
from tests.adgang.sign_in_model import HALV, ROLLER, SIDER, TALT, Model
from tests.conftest import LANG, Personale


class Maskine(Model):
    """The walks."""

    vindue = st.integers(0, 2)
    hvem = st.integers(0, len(ROLLER) - 1)

    @rule(minutter=st.sampled_from([0.5, 0.5, 1, 4, 6, 16, 61, 780]))
    def tiden_går(self, minutter: float) -> None:
        """The clock moves."""
        self.nu += timedelta(minutes=minutter)
        TALT["skridt"] += 1

    @rule(n=vindue, hvem=hvem, rigtig=st.sampled_from([True, True, True, False]))
    def adgangskode(self, n: int, hvem: int, rigtig: bool) -> None:
        """A name and a password."""
        v, person = self.vinduer[n], self.folk[hvem]
        before = self.token(v)
        svar = self.send(
            v, "/log-ind", brugernavn=str(person.rolle), kodeord=person.kodeord if rigtig else "forkert-og-lang"
        )
        if svar.status_code != 303:
            TALT["afvist"] += 1
            return
        assert rigtig
        assert not person.spærret
        if svar.location.startswith("/log-ind/kode"):
            assert self.token(v) == before, "no session for half a sign-in"
            v.halv = (person, self.nu + HALV, 0)
            return
        self.inde(v, person, faktor=False)

    @rule(n=vindue, data=st.data())
    def koden(self, n: int, data: st.DataObject) -> None:
        """A code at the second step, halfway in or not."""
        v = self.vinduer[n]
        person = v.halv[0] if v.halv is not None else self.folk[0]
        kode, right, what = self.bevis(data, person)
        before = self.token(v)
        svar = self.send(v, "/log-ind/kode", kode=kode)
        if svar.status_code != 303 or self.token(v) == before or svar.location.startswith("/log-ind"):
            TALT["afvist"] += 1
            if v.halv is not None and svar.status_code == 422:
                v.halv = (person, v.halv[1], v.halv[2] + 1)
            return
        assert v.halv is not None
        assert self.nu < v.halv[1]
        assert v.halv[2] < 5
        assert right
        self.brugt(person, what, kode)
        self.inde(v, person, faktor=True)

    @rule(n=vindue, hvem=hvem)
    def ind_helt(self, n: int, hvem: int) -> None:
        """Sign in with everything right, so that the walks get far."""
        v, person = self.vinduer[n], self.folk[hvem]
        if person.nøgler:
            asked = self.send(v, "/log-ind/passkey/udfordring")
            before = self.token(v)
            if asked.status_code == 200:
                self.send(v, "/log-ind/passkey", svar=person.nøgler[0].svar(asked.get_json()))
            if self.token(v) != before:
                self.talt[person.nøgler[0].id] = person.nøgler[0].tæller
                self.inde(v, person, faktor=True)
            return
        self.adgangskode(n, hvem, rigtig=True)
        if v.halv is None or v.halv[0] is not person:
            return
        frø = next(iter(person.apps))
        kode, right = self.kode(person, frø, 0)
        before = self.token(v)
        self.send(v, "/log-ind/kode", kode=kode)
        if self.token(v) != before:
            assert right
            self.brugt(person, frø, kode)
            self.inde(v, person, faktor=True)

    @rule(n=vindue, data=st.data(), kopi=st.sampled_from([False, False, False, True]))
    def passkey(self, n: int, data: st.DataObject, kopi: bool) -> None:
        """A passkey: somebody's, a removed one, or a copy."""
        keys = [(k, p) for p in self.folk for k in p.nøgler] + [(k, None) for k in self.fjernet]
        if not keys:
            return
        v = self.vinduer[n]
        key, person = data.draw(st.sampled_from(keys))
        asked = self.send(v, "/log-ind/passkey/udfordring")
        if asked.status_code != 200:
            return
        kopi = kopi and self.talt.get(key.id, 0) > 0
        used = replace(key, tæller=self.talt[key.id] - 1) if kopi else key
        before = self.token(v)
        self.send(v, "/log-ind/passkey", svar=used.svar(asked.get_json()))
        if self.token(v) == before:
            TALT["afvist"] += 1
            return
        assert not kopi
        assert person is not None
        self.talt[key.id] = key.tæller
        self.inde(v, person, faktor=True)

    @rule(n=vindue, data=st.data(), rigtig=st.sampled_from([True, True, False]))
    def bekræft(self, n: int, data: st.DataObject, rigtig: bool) -> None:
        """Step-up with a password and perhaps a code."""
        v = self.vinduer[n]
        person = v.sess.person if v.sess is not None else self.folk[0]
        kode, right, what = self.bevis(data, person)
        svar = self.send(
            v, "/bekræft", bekræft_kodeord=person.kodeord if rigtig else "forkert-og-lang", bekræft_kode=kode
        )
        if svar.status_code != 303 or svar.location.startswith("/log-ind"):
            return
        assert self.lever(v)
        assert v.sess is not None
        assert rigtig
        assert right or not person.har_faktor
        if person.har_faktor:
            self.brugt(person, what, kode)
            v.sess.faktor = True
        v.sess.bevist, v.sess.ny_browser = self.nu, False

    @rule(n=vindue, data=st.data())
    def bekræft_med_passkey(self, n: int, data: st.DataObject) -> None:
        """Step-up with a passkey, one's own or another's."""
        keys = [k for p in self.folk for k in p.nøgler]
        v = self.vinduer[n]
        asked = self.send(v, "/bekræft/passkey") if keys else None
        if asked is None or asked.status_code != 200:
            return
        key = data.draw(st.sampled_from(keys))
        svar = self.send(v, "/bekræft", bekræft_passkey=key.svar(asked.get_json()))
        if svar.status_code != 303 or svar.location.startswith("/log-ind"):
            return
        assert self.lever(v)
        assert v.sess is not None
        assert key in v.sess.person.nøgler
        self.talt[key.id] = key.tæller
        v.sess.bevist, v.sess.faktor, v.sess.ny_browser = self.nu, True, False

    @rule(n=vindue, passkey=st.booleans())
    def tilføj(self, n: int, passkey: bool) -> None:
        """Add an app or a passkey."""
        v, key, seed, række = self.vinduer[n], Nøgle(), "", str(new_id())
        if passkey:
            asked = self.send(v, "/to-trin/passkey/udfordring")
            if asked.status_code != 200:
                return
            svar = self.send(v, "/to-trin/passkey", formular_id=række, navn="x", svar=key.lav(asked.get_json()))
        else:
            found = re.search(r'kodetekst">([A-Z2-7 ]+)<', v.klient.get("/to-trin/app").text)
            if found is None:
                return
            seed = found[1].replace(" ", "")
            svar = self.send(v, "/to-trin/app", formular_id=række, navn="x", kode=pyotp.TOTP(seed).at(self.nu))
        if svar.status_code not in {200, 303} or (svar.location or "").startswith(("/log-ind", "/bekr")):
            return
        assert self.frisk(v)
        assert v.sess is not None
        person = v.sess.person
        if not person.har_faktor:
            self.slut(person, undtagen=v)
        if passkey:
            person.nøgler.append(key)
        else:
            person.apps[seed] = pyotp.TOTP(seed).timecode(self.nu)
        person.rækker[række] = key if passkey else seed
        v.sess.faktor = True
        papers = re.findall(r'kodetekst">([a-z2-9-]{14})<', svar.text)
        person.koder = papers or person.koder

    @rule(n=vindue, data=st.data(), mistet=st.sampled_from(["bruges ikke", "mistet"]))
    def fjern(self, n: int, data: st.DataObject, mistet: str) -> None:
        """Remove a factor, one's own or another's."""
        known = [(række, p) for p in self.folk for række in p.rækker]
        if not known:
            return
        v = self.vinduer[n]
        række, person = data.draw(st.sampled_from(known))
        svar = self.send(v, f"/to-trin/{række}/fjern", mistet=mistet)
        if svar.status_code != 303 or svar.location != "/to-trin":
            return
        assert self.frisk(v)
        assert v.sess is not None
        assert v.sess.person is person
        assert len(person.rækker) > 1, "never the last one"
        self.slut(person, undtagen=v)
        if mistet == "mistet":
            self.glem(person, undtagen=v)
        gone = person.rækker.pop(række)
        if isinstance(gone, Nøgle):
            person.nøgler = [key for key in person.nøgler if key is not gone]
            self.fjernet.append(gone)
        else:
            del person.apps[gone]

    @rule(n=vindue)
    def nye_koder(self, n: int) -> None:
        """New recovery codes: the old ones and the other sessions end."""
        v = self.vinduer[n]
        papers = re.findall(r'kodetekst">([a-z2-9-]{14})<', self.send(v, "/to-trin/koder").text)
        if not papers:
            return
        assert self.frisk(v)
        assert v.sess is not None
        assert v.sess.person.har_faktor
        v.sess.person.koder = papers
        self.slut(v.sess.person, undtagen=v)

    @rule(n=vindue, rigtig=st.sampled_from([True, True, False]), data=st.data())
    def skift_kodeord(self, n: int, rigtig: bool, data: st.DataObject) -> None:
        """Change one's own password."""
        v = self.vinduer[n]
        person = v.sess.person if v.sess is not None else self.folk[0]
        new = data.draw(st.sampled_from(["første-sætning-uden-mening", "anden-sætning-uden-mening"]))
        old = person.kodeord if rigtig else "forkert-og-lang"
        svar = self.send(v, "/kodeord", gammelt=old, nyt=new, gentaget=new)
        if svar.status_code != 303 or svar.location.startswith("/log-ind"):
            return
        assert self.lever(v)
        assert rigtig
        person.kodeord, person.skal_skifte = new, False
        self.slut(person, undtagen=v)

    @rule(n=vindue)
    def log_ud(self, n: int) -> None:
        """Sign out."""
        v = self.vinduer[n]
        before = self.token(v)
        self.send(v, "/log-ud")
        v.døde += [before] if before else []
        v.sess = None

    @rule(
        n=vindue, hvem=hvem, hvad=st.sampled_from(["spær", "åbn", "nyt-kodeord", "nulstil-to-trin", "afslut-sessioner"])
    )
    def databeskyttelse(self, n: int, hvem: int, hvad: str) -> None:
        """What databeskyttelse does to another user, tried from any window."""
        v, person = self.vinduer[n], self.folk[hvem]
        svar = self.send(v, f"/brugere/{person.id}/{hvad}")
        if svar.status_code not in {200, 303} or not (svar.location or "/brugere").startswith("/brugere"):
            return
        assert self.må(v, "/brugere/ny")
        assert v.sess is not None
        assert v.sess.person is not person
        if hvad == "åbn":
            person.spærret = False
            return
        self.slut(person)
        if hvad == "spær":
            person.spærret = True
        if hvad in {"nyt-kodeord", "nulstil-to-trin"}:
            shown = re.search(r"<dd>([a-z2-9-]{19})</dd>", svar.text)
            assert shown is not None
            person.kodeord, person.skal_skifte = shown[1], True
        if hvad == "nulstil-to-trin":
            self.glem(person)
            self.fjernet += person.nøgler
            person.apps, person.nøgler, person.koder, person.rækker = {}, [], [], {}

    @rule(n=vindue, sti=st.sampled_from(sorted(SIDER)))
    def åbn(self, n: int, sti: str) -> None:
        """Open a page."""
        v = self.vinduer[n]
        granted = v.klient.get(sti).status_code == 200
        TALT["skridt"] += 1
        if granted:
            assert self.må(v, sti), (sti, v.sess)
        if granted and v.sess is not None:
            v.sess.set = self.nu

    @rule(n=vindue)
    def død_cookie(self, n: int) -> None:
        """A token that was replaced or signed out opens nothing in a browser of its own."""
        for token in self.vinduer[n].døde[-3:]:
            other = self.app.test_client()
            other.set_cookie("raadgivning", token)
            assert other.get("/to-trin").status_code == 303
            TALT["skridt"] += 1

    @invariant()
    def halv_er_ingenting(self) -> None:
        """Half a sign-in alone opens nothing."""
        for v in getattr(self, "vinduer", []):
            if v.halv is not None and v.sess is None:
                assert v.klient.get("/to-trin").status_code == 303


@pytest.fixture
def maskine(settings: Settings, personale: Personale, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Maskine]]:
    """The machine over a whole application. Argon2 takes a thousandth of its memory, so that the walks are long."""
    for name, value in (("MEMORY_KIB", 64), ("_PARAMETERS", "$argon2id$v=19$m=64,t=1,p=1$")):
        monkeypatch.setattr(passwords, name, value)
    passwords._nobody.cache_clear()
    app = create_app(replace(settings, anden_faktor="skal", development=False))
    app.testing = True
    app.config["WTF_CSRF_ENABLED"] = False  # has tests of its own; here it would double every step
    Maskine.app, Maskine.personale = app, personale
    Maskine.hashed = {"begyndelse-uden-mening": hash_kodeord("begyndelse-uden-mening")}
    yield Maskine
    passwords._nobody.cache_clear()
    app.extensions["nøgler"].close()


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_no_walk_ends_with_a_right_too_many(maskine: type[Maskine]) -> None:
    examples, steps = (1500, 100) if LANG else (20, 40)
    settings = hypothesis.settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        derandomize=not LANG,
        database=None,
    )
    TALT.update(dict.fromkeys(TALT, 0))
    run_state_machine_as_test(maskine, settings=settings)
    assert TALT["indlogninger"] > 0
    assert TALT["skridt"] >= (100_000 if LANG else 100), TALT
