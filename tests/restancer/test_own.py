"""What inkasso sees of own cases: its own reports, two answers by consent, and no way to infer anything else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.restancer import attempts, cases, own
from rådgivning.restancer.models import Hændelse, Kontaktforsøg, RestancesagData
from rådgivning.samtykker import consents
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient, Personale
from tests.restancer.factories import meldt, sag, skridt

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
Klienter = Callable[[Rolle | None], Klient]
INTET = "Beboeren har ikke givet samtykke til, at det deles"
ALDRIG_ENS = re.compile(r'(value|content)="[^"]{36,}"')


class Sted:
    """One case filed by inkasso, and what the beboerrådgiver does around it."""

    def __init__(self, kontekst: Nøglekontekst, personale: Personale) -> None:
        self.kontekst, self.personale = kontekst, personale
        with self.som(Rolle.INKASSO) as session:
            self.sag = sag(session, skridt("påkrav", date(2026, 11, 6))).id
            self.trin = cases.hent_sag(session, self.sag)[1].hændelser[0].id

    @contextmanager
    def som(self, rolle: Rolle = Rolle.BEBOERRÅDGIVER) -> Iterator[Session]:
        """A session of a role's user, committed at the end."""
        with self.kontekst.session(self.personale.aktør(rolle)) as session:
            yield session
            session.commit()

    def data(self) -> RestancesagData:
        """What the case says."""
        with self.som() as session:
            return cases.hent_sag(session, self.sag)[1]

    def link(self) -> uuid.UUID:
        """Link the case with a new resident."""
        with self.som() as session:
            om = opret_beboer(session, BeboerData(navn="Zxq Prøvesen")).id
            cases.knyt_beboer(session, self.sag, beboer_id=om)
        return om

    def reach(self) -> None:
        """Somebody of the household is reached, and an agreement is on its way."""
        with self.som() as session:
            attempts.tilføj_forsøg(session, self.sag, Kontaktforsøg(måde="telefon", dato=IDAG, truffet=True))
            own.sæt_aftale_på_vej(session, self.sag, True)

    def consent(self, om: uuid.UUID, *modtagere: str) -> uuid.UUID:
        """The resident consents."""
        data = SamtykkeData(formål="Aftale om huslejen", modtagere=list(modtagere or ["opkrævning"]))
        with self.som() as session:
            return consents.giv(session, om, data, til=IDAG + timedelta(days=30)).id

    def work(self) -> None:
        """Everything else the beboerrådgiver can do with a case, corrections of inkasso's own reports included."""
        with self.som() as session:
            cases.tilføj_hændelse(session, self.sag, skridt("ophævet", date(2026, 11, 18)))
            rettet = Hændelse(id=self.trin, fase="påkrav", dato=date(2026, 11, 9), kilde="jura")
            cases.ret_hændelse(session, self.sag, rettet)
            cases.annullér_hændelse(session, self.sag, self.trin)
            row = cases.hent_sag(session, self.sag)[0]
            more = {"note": "Hemmelig Note", "årsag": "misbrug", "børn_i_husstanden": True}
            cases.ret_sag(session, self.sag, more, row.version)
            cases.luk_sag(
                session,
                self.sag,
                udfald="betalingsaftale",
                dato=IDAG,
                kilde="beboeren_selv",
                hændelse_id=uuid.uuid4(),
            )


@pytest.fixture
def sted(kontekst: Nøglekontekst, personale: Personale) -> Sted:
    return Sted(kontekst, personale)


def alt(inkasso: Klient, sted: Sted) -> dict[str, str]:
    """Every page inkasso has of a case, without what is new in each answer anyway (tokens and form ids)."""
    url = f"/restancer/{sted.sag}"
    paths = ["/restancer", url, f"{url}/ret", f"{url}/hændelse", f"{url}/hændelser/{sted.trin}", f"{url}/luk"]
    found = {path: inkasso.get(path) for path in paths}
    assert [svar.status_code for svar in found.values()] == [200] * len(paths)
    return {path: ALDRIG_ENS.sub("", svar.text) for path, svar in found.items()}


def test_without_consent_nothing_the_beboerrådgiver_does_changes_a_letter_of_any_page(
    klient: Klienter, sted: Sted
) -> None:
    inkasso = klient(Rolle.INKASSO)
    before = alt(inkasso, sted)
    assert all(INTET in before[path] for path in ("/restancer", f"/restancer/{sted.sag}"))
    sted.reach()
    assert alt(inkasso, sted) == before
    om = sted.link()
    assert alt(inkasso, sted) == before
    sted.work()
    assert alt(inkasso, sted) == before
    with sted.som() as session:
        cases.genåbn_sag(session, sted.sag)
    assert alt(inkasso, sted) == before
    sted.consent(om, "kommune", "ejendomsdrift")
    trukket = sted.consent(om)
    assert alt(inkasso, sted) != before
    with sted.som() as session:
        consents.træk_tilbage(session, trukket)
    assert alt(inkasso, sted) == before
    udløbet = sted.consent(om)
    with sted.som() as session:
        session.get_one(Samtykke, udløbet).til = IDAG - timedelta(days=1)
    assert alt(inkasso, sted) == before


def test_with_consent_two_answers_are_shown_and_nothing_more(klient: Klienter, sted: Sted) -> None:
    inkasso, url = klient(Rolle.INKASSO), f"/restancer/{sted.sag}"
    before = alt(inkasso, sted)
    om = sted.link()
    sted.consent(om)
    nej, ja = "Kontakt opnået: nej. Aftale på vej: nej.", "Kontakt opnået: ja. Aftale på vej: ja."
    assert alt(inkasso, sted) == {path: page.replace(INTET + ".", nej) for path, page in before.items()}
    sted.reach()
    sted.work()
    assert alt(inkasso, sted) == {path: page.replace(INTET + ".", ja) for path, page in before.items()}
    with sted.som() as session:
        query = select(Spor).where(Spor.handling == Handling.ÅBNET, col(Spor.anledning).contains("samtykke"))
        shown = session.exec(query).all()
        assert {(s.genstand, s.anledning, s.aktør) for s in shown} == {
            ("restancesag", f"{anledning}, delt med samtykke", sted.personale.brugere[Rolle.INKASSO].id)
            for anledning in ("egne restancesager", "egen restancesag")
        }
        assert all(s.beboere == [str(om)] for s in shown)
        assert (
            session.exec(select(Spor).where(Spor.genstand == "samtykke", Spor.handling == Handling.ÅBNET)).all() == []
        )
    assert inkasso.send(f"{url}/aftale", {"svar": "nej"}).status_code == 403


def test_the_beboerrådgiver_sees_exactly_what_inkasso_sees_and_says_whether_an_agreement_is_on_its_way(
    klient: Klienter, sted: Sted
) -> None:
    rådgiver, url = klient(Rolle.BEBOERRÅDGIVER), f"/restancer/{sted.sag}"
    siden = rådgiver.get(url).text
    assert "Sagen er ikke knyttet til en beboer, og så deles der intet." in siden
    assert "Ikke besvaret" in siden
    om = sted.link()
    siden = rådgiver.get(url).text
    assert f"Opkrævning kan se: <strong>{INTET}.</strong>" in siden
    assert f'href="/samtykker/ny/{om}?tilbage={url}"' in siden
    sted.consent(om)
    assert rådgiver.send(f"{url}/aftale", {"svar": "ja"}).status_code == 303
    version = sted.data()
    assert rådgiver.send(f"{url}/aftale", {"svar": "ja"}).status_code == 303
    assert sted.data() == version
    assert "Kontakt opnået: nej. Aftale på vej: ja." in rådgiver.get(url).text
    rådgiver.send(f"{url}/aftale", {"svar": "måske"})
    assert "Svaret blev ikke gemt" in rådgiver.get(url).text
    rådgiver.send(f"{url}/aftale", {"svar": "nej"})
    assert sted.data().aftale_på_vej is False
    with sted.som() as session:
        egen = sag(session).id
    assert "Opkrævning kan ikke se sagen" in rådgiver.get(f"/restancer/{egen}").text


def test_inkasso_corrects_its_report_undisturbed_by_what_it_may_not_see(klient: Klienter, sted: Sted) -> None:
    inkasso, url = klient(Rolle.INKASSO), f"/restancer/{sted.sag}/ret"

    def version() -> str:
        found = re.search(r'name="version"[^>]*value="(\d+)"', inkasso.get(url).text)
        assert found is not None
        return found[1]

    shown = version()
    sted.reach()
    sted.link()
    sted.work()
    assert version() == shown
    felter = meldt(version=shown, navn="Zxq Rettet")
    assert inkasso.send(url, felter).status_code == 303
    assert sted.data().note == "Hemmelig Note"
    second = inkasso.send(url, felter | {"navn": "Zxq Igen"})
    assert second.status_code == 409
    assert "Zxq Rettet" in second.text
    assert "Hemmelig" not in second.text
    assert inkasso.send(url, felter | {"navn": "Zxq Igen", "version": version()}).status_code == 303


def test_a_report_stays_as_its_reporter_left_it_and_her_own_changes_show(klient: Klienter, sted: Sted) -> None:
    inkasso, url = klient(Rolle.INKASSO), f"/restancer/{sted.sag}"
    sted.work()
    side = inkasso.get(f"{url}/hændelser/{sted.trin}").text
    assert 'value="2026-11-06"' in side
    assert "2026-11-09" not in side
    assert inkasso.send(f"{url}/hændelser/{sted.trin}", {"dato": "2026-11-05"}).status_code == 303
    side = inkasso.get(url).text
    assert "5. november 2026" in side
    assert "Annulleret" not in side
    assert inkasso.send(f"{url}/luk", {"udfald": "betalt", "dato": "2026-11-20"}).status_code == 303
    assert "Afværget" not in inkasso.get(url).text
    assert inkasso.send(f"{url}/hændelser/{sted.trin}/annullér").status_code == 303
    assert "Annulleret" in inkasso.get(url).text


def test_events_by_an_imported_list_are_the_importers_and_a_colleagues_are_not_shown(sted: Sted) -> None:
    mig, anden = uuid.uuid4(), uuid.uuid4()
    liste = skridt("påkrav", date(2026, 11, 6), af=mig, liste_id=uuid.uuid4())
    seen = own.som_meldt([liste, skridt("ophævet", date(2026, 11, 18), af=anden)], mig)
    assert [(h.fase, h.liste_id) for h in seen] == [("påkrav", liste.liste_id)]
