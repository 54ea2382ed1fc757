"""Playing the invented year through the same functions the pages call, day by day, on the program's own clock."""

from __future__ import annotations

import contextlib
import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select, update

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import som_indlogget
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beskeder.models import Besked
from rådgivning.beskeder.queue import ryd_gamle
from rådgivning.database import COPENHAGEN, clock, now, på_tværs, today
from rådgivning.drift.demo_consents import consents, recurring
from rådgivning.drift.demo_data import Hændelse as Demohændelse
from rådgivning.drift.demo_data import Person, Sag, believable_year
from rådgivning.drift.demo_data import Session as Demosession
from rådgivning.drift.demo_duplicates import registered_twice
from rådgivning.drift.demo_households import attempts, households, lejemålsnummer
from rådgivning.drift.demo_letters import letterhead
from rådgivning.drift.demo_lists import lists
from rådgivning.drift.demo_requests import rights
from rådgivning.drift.demo_retention import first_night, long_ago
from rådgivning.drift.demo_visits import visits
from rådgivning.drift.progress import progress
from rådgivning.henvisninger.intake import afslut, kontakt_opnået, tag_op
from rådgivning.henvisninger.models import HenvisningData
from rådgivning.henvisninger.referrals import henvis
from rådgivning.kontakter.log import Opfølgning, log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import destroy_key
from rådgivning.opgaver.tasks import udfør
from rådgivning.restancer.cases import knyt_beboer, luk_sag, opret_sag, tilføj_hændelse
from rådgivning.restancer.deadlines import arbejdsdag
from rådgivning.restancer.models import Hændelse, RestancesagData
from rådgivning.restancer.phases import FASER
from rådgivning.restancer.tenancies import knyt_lejemål
from rådgivning.spor.trail import Aktør
from rådgivning.sundhedstjek.sessions import TjekData, opret_tjek

AAB = "aab"
HENVISNINGER = 26
OPGAVER = {
    "husleje_restance": "Ring om betalingsaftalen",
    "økonomi_budget": "Gå budgettet igennem igen",
    "gæld": "Hør, om gældsrådgivningen har svaret",
    "ydelser": "Hør, om ansøgningen er afgjort",
    "bolig_flytning": "Hør, hvordan flytningen gik",
    "ensomhed_netværk": "Følges til fællesspisning",
    "digital_hjælp": "Åbn digital post sammen",
}
ACTS_PER_COMMIT = 40
YEAR = timedelta(days=364)


class Opfyldning:
    """One filling: the actors, the residents' ids, and the draw for what the year's data leave open.

    Many acts share a commit; the demo is made whole or not at all, so nothing is lost by it but waiting.
    """

    def __init__(self, kontekst: Nøglekontekst, seed: int) -> None:
        self._kontekst = kontekst
        self._draw = random.Random(seed + 1)  # noqa: S311  # nosec B311
        self._aktører = _actors(kontekst)
        self._session: Session | None = None
        self._rolle: Rolle | None = None
        self._acts = 0
        self.beboere: list[uuid.UUID] = []

    @contextlib.contextmanager
    def som(self, rolle: Rolle, dag: date) -> Iterator[Session]:
        """A Session of a role's user, on a working hour of a day; today's no later than now."""
        if self._session is None or rolle is not self._rolle or self._acts >= ACTS_PER_COMMIT:
            self.close()
            self._session, self._rolle = self._kontekst.session(self._aktører[rolle]), rolle
        self._acts += 1
        real = clock.read
        hour = time(8 + self._draw.randrange(7), self._draw.randrange(60))
        at = min(datetime.combine(dag, hour, COPENHAGEN), real())
        clock.read = lambda: at
        try:
            yield self._session
        finally:
            clock.read = real

    def close(self) -> None:
        """Commit what is open."""
        if self._session is not None:
            self._session.commit()
            self._session.close()
        self._session, self._acts = None, 0

    def resident(self, person: Person, dag: date) -> None:
        """Register a resident."""
        with self.som(Rolle.BEBOERRÅDGIVER, dag) as session:
            data = BeboerData(
                navn=person.navn,
                telefon=person.telefon,
                adresse=person.adresse,
                afdeling=person.afdeling,
                aldersgruppe=person.aldersgruppe,
                børn_i_husstanden=person.børn,
            )
            self.beboere.append(opret_beboer(session, data).id)

    def contact(self, h: Demohændelse, slut: date) -> None:
        """Log a contact; follow-ups of the past are mostly done."""
        with self.som(Rolle.BEBOERRÅDGIVER, h.dag) as session:
            beboer = self.beboere[h.person] if h.person is not None else None
            frist = h.dag + timedelta(days=h.opfølgning) if h.opfølgning else None
            kontakt = log_kontakt(
                session,
                KontaktData.model_validate(h.felter),
                dato=h.dag,
                beboer_id=beboer,
                opfølgning=Opfølgning(frist, OPGAVER.get(str(h.felter["hovedemne"]), "")) if frist else None,
            )
            done = frist is not None and frist < slut - timedelta(days=4)
            opgave = _follow_up(session, kontakt.id) if done else None
            if opgave is not None:
                udfør(session, opgave)

    def case(self, sag: Sag, person: Person, slut: date) -> None:
        """Play a restancesag from the first event to its end."""
        filer = Rolle.INKASSO if person.afdeling == "aab55" else Rolle.BEBOERRÅDGIVER
        fase, first = sag.forløb[0]
        beboer = self.beboere[sag.person]
        with self.som(filer, first) as session:
            data = RestancesagData(
                navn=person.navn,
                telefon=person.telefon,
                adresse=person.adresse,
                afdeling=person.afdeling,
                lejemål=lejemålsnummer(sag, person),
                måneder=sag.måneder,
                beløb=sag.beløb,
                hændelser=[Hændelse(fase=fase, dato=first, kilde="opkrævning")],
            )
            sag_id = opret_sag(session, data, boligorganisation=ORGANISATION[person.afdeling]).id
        with self.som(Rolle.BEBOERRÅDGIVER, first) as session:
            knyt_beboer(session, sag_id, beboer_id=beboer)
            destroy_key(session, sag_id)
            knyt_lejemål(session, sag_id)
        for step, dag in sag.forløb[1:]:
            with self.som(filer, dag) as session:
                letter = {"fremme": dag} if step == "påkrav" else {}  # Digital Post arrives the same day
                if FASER[step].berammes:
                    letter = {"frist": arbejdsdag(dag + timedelta(days=21))}
                tilføj_hændelse(session, sag_id, Hændelse(fase=step, dato=dag, kilde="opkrævning", **letter))
        attempts(self, sag_id, sag, slut)
        if sag.slut is not None:
            udfald, dag = sag.slut
            with self.som(Rolle.BEBOERRÅDGIVER, dag) as session:
                luk_sag(session, sag_id, udfald=udfald, dato=dag, kilde="opkrævning", hændelse_id=uuid.uuid4())

    def health_check(self, tjek: Demosession) -> None:
        """Register a Sundhedstjek."""
        with self.som(Rolle.BEBOERRÅDGIVER, tjek.dag) as session:
            opret_tjek(
                session,
                TjekData(
                    dato=tjek.dag,
                    sted=tjek.sted,
                    tema=tjek.tema,
                    fremmøde=tjek.fremmøde,
                    brobygninger=tjek.brobygninger,
                ),
            )

    def referral(self, n: int, personer: list[Person], start: date, slut: date) -> None:
        """File a referral; the last ones are still new, the earlier ones have gone various ways."""
        i = self._draw.choice([i for i, p in enumerate(personer) if p.afdeling == "aab55"])
        new = n >= HENVISNINGER - 4
        span = (slut - start).days
        dag = slut - timedelta(days=self._draw.randrange(5)) if new else start + timedelta(self._draw.randrange(span))
        with self.som(Rolle.INKASSO if n % 3 == 0 else Rolle.EJENDOMSDRIFT, dag) as session:
            person = personer[i]
            data = HenvisningData(
                navn=person.navn,
                telefon=person.telefon,
                adresse=person.adresse,
                afdeling=person.afdeling,
                grund="restance" if n % 3 == 0 else self._draw.choice(("bekymring", "indflytningssyn", "mislighold")),
                beboer_ved_det=self._draw.choice((True, True, None)),
                kilde="opkrævning" if n % 3 == 0 else "ejendomsdrift",
            )
            hast = self._draw.choice(("akut", "snarest", "almindelig", "almindelig"))
            henvisning = henvis(session, data, hast=hast, boligorganisation=AAB, id=uuid.uuid4()).id
        if not new:
            self._take_up(henvisning, self.beboere[i], min(dag + timedelta(days=2), slut), n)

    def _take_up(self, henvisning: uuid.UUID, beboer: uuid.UUID, dag: date, n: int) -> None:
        with self.som(Rolle.BEBOERRÅDGIVER, dag) as session:
            tag_op(session, henvisning, beboer_id=beboer)
            destroy_key(session, henvisning)
            if n % 4:
                kontakt_opnået(session, henvisning)
            if n % 4 > 1:
                afslut(session, henvisning, udfald="råd_givet", note="")


ORGANISATION = {
    "aab55": AAB,
    "steenbjerggård": "ishøj_boligselskab",
    "vildtbanegård_1": "vildtbanegård",
    "vildtbanegård_2": "vildtbanegård",
}


def fill(kontekst: Nøglekontekst, seed: int) -> None:
    """Play the year that ends today into an instance that has the plan and one user per role."""
    slut = today()
    start = slut - YEAR
    år = believable_year(seed, slut, start)
    filling = Opfyldning(kontekst, seed)
    total = len(år.personer) + len(år.hændelser) + len(år.sager) + len(år.sundhedstjek) + HENVISNINGER
    show, done = progress("Opdigter", total), 0
    first: dict[int, date] = {}
    for h in reversed(år.hændelser):
        if h.person is not None:
            first[h.person] = h.dag
    for n, person in enumerate(år.personer):
        filling.resident(person, first.get(n, start))
    done += len(år.personer)
    for h in år.hændelser:
        filling.contact(h, slut)
        done += 1
        show(done)
    for sag in år.sager:
        filling.case(sag, år.personer[sag.person], slut)
    households(filling, år.personer, år.sager, slut)
    for tjek in år.sundhedstjek:
        filling.health_check(tjek)
    for n in range(HENVISNINGER):
        filling.referral(n, år.personer, start, slut)
    visits(filling, år.personer, slut)
    consents(filling, år.sager, slut)
    recurring(filling, slut)
    letterhead(filling, slut)
    lists(filling, år.personer, år.sager, slut)
    registered_twice(filling, år.personer, slut)
    long_ago(filling, slut)
    rights(filling, slut)
    filling.close()
    first_night(kontekst)
    _read_notices(kontekst)
    show(total)


def _read_notices(kontekst: Nøglekontekst) -> None:
    """Only the last days' notices are unread; those of the year before have ended."""
    with kontekst.session(Aktør()) as session, på_tværs(session):
        ryd_gamle(session)
        old = col(Besked.oprettet) < now() - timedelta(days=3)
        session.exec(update(Besked).where(old).values(læst=now()))
        session.commit()


def _actors(kontekst: Nøglekontekst) -> dict[Rolle, Aktør]:
    with kontekst.session(Aktør()) as session, på_tværs(session):
        brugere = session.exec(select(Bruger)).all()
        return {Rolle(b.rolle): som_indlogget(b).som_aktør() for b in brugere}


def _follow_up(session: Session, kontakt_id: uuid.UUID) -> uuid.UUID | None:
    from rådgivning.kontakter.log import hent_kontakt

    return hent_kontakt(session, kontakt_id, "opfølgning")[1].opgave_id
