"""Unusual reading: each rule with its threshold, one short of it, and that what was looked at goes away."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from rådgivning import database
from rådgivning.adgang.permissions import Rolle, systemet
from rådgivning.adgang.users import spær_bruger
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import COPENHAGEN, new_id, now
from rådgivning.databeskyttelse.own_home import adresse_mærke, gem_bopæl
from rådgivning.databeskyttelse.readings import Billede, Læsning
from rådgivning.databeskyttelse.trail_models import Bopæl, Gennemset
from rådgivning.databeskyttelse.unusual import REGLER, TITLER, VANE, Fund, Kendt, find_usædvanligt
from rådgivning.databeskyttelse.unusual_own import egne, uden_række
from rådgivning.databeskyttelse.unusual_review import gennemgå, slet_gamle_gennemsete, usædvanligt
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kontakter.log import log_kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import seal
from rådgivning.opgaver.handover import overdrag as giv_opgave
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik.emergency import Årsag, åbn
from rådgivning.overblik.handing import overdrag
from rådgivning.overblik.standins import navngiv
from rådgivning.restancer.cases import opret_sag
from rådgivning.restancer.models import RestancesagData
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør, skriv
from tests.conftest import IDAG, Klient, Personale, opret_testbruger
from tests.databeskyttelse.retention_cases import SAMTALE

Klienter = Callable[[Rolle | None], Klient]
FRA = datetime(2026, 11, 1, tzinfo=COPENHAGEN)
MANDAG = datetime(2026, 11, 16, 10, tzinfo=COPENHAGEN)
pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def billede(*læst: tuple[datetime, tuple[str, ...]], skrev: tuple[str, ...] = ()) -> Billede:
    """A user's reading: when and whom; several at once are a list."""
    made = Billede()
    for nr, (at, beboere) in enumerate(læst, 1):
        made.add(Læsning(nr, at, "u", "beboer", beboere, skrev=False))
    for beboer in skrev:
        made.add(Læsning(0, MANDAG, "u", "opgave", (beboer,), skrev=True))
    return made


def fund(made: Billede, kendt: Kendt | None = None) -> list[Fund]:
    """What the rules find."""
    return find_usædvanligt({"u": made}, FRA, {"u": kendt or Kendt()})


def kinds(made: Billede, kendt: Kendt | None = None) -> set[str]:
    """Which rules find something."""
    return {f.slags for f in fund(made, kendt)}


def one_by_one(
    at: datetime, antal: int, *, step: timedelta = timedelta(minutes=1)
) -> list[tuple[datetime, tuple[str, ...]]]:
    """So many different residents opened one after another."""
    return [(at + step * n, (f"{at:%m%d%H}-{n}",)) for n in range(antal)]


OWN = Kendt(egne={f"{MANDAG:%m%d%H}-{n}" for n in range(1000)})


def test_many_in_an_hour_or_a_day_are_measured_by_the_users_own_habit(databasetype: str) -> None:
    assert kinds(billede(*one_by_one(MANDAG, 19)), OWN) == set()
    assert kinds(billede(*one_by_one(MANDAG, 20)), OWN) == {"time"}
    spread = one_by_one(MANDAG, 40, step=timedelta(minutes=9))
    assert kinds(billede(*spread[:-1]), OWN) == set()
    assert kinds(billede(*spread), OWN) == {"dag"}
    before = [
        r
        for day in range(1, 8)
        for r in one_by_one(FRA - timedelta(days=day, hours=-10), 15, step=timedelta(minutes=3))
    ]
    busy = Kendt(egne={b for _, beboere in before + spread for b in beboere})
    assert kinds(billede(*before, *spread), busy) == set()
    found = fund(billede(*before, *one_by_one(MANDAG, 50)), OWN)
    assert {f.slags for f in found} == {"dag", "time"}
    assert dict(found[0].tal)["brugerens vane"] == 15
    assert "medianen" in found[0].forklaring


def test_nights_days_off_and_ordinary_days_are_told_apart(databasetype: str) -> None:
    cases = {
        datetime(2026, 11, 16, 21, 59, tzinfo=COPENHAGEN): set(),
        datetime(2026, 11, 16, 22, 0, tzinfo=COPENHAGEN): {"nat"},
        datetime(2026, 11, 17, 5, 59, tzinfo=COPENHAGEN): {"nat"},
        datetime(2026, 11, 17, 6, 0, tzinfo=COPENHAGEN): set(),
    }
    for at, expected in cases.items():
        assert kinds(billede((at, ("b",))), Kendt(egne={"b"})) == expected, at
    night = [
        (datetime(2026, 11, 16, 23, tzinfo=COPENHAGEN), ("b",)),
        (datetime(2026, 11, 17, 1, tzinfo=COPENHAGEN), ("b",)),
    ]
    assert len(fund(billede(*night), Kendt(egne={"b"}))) == 1
    saturday = datetime(2026, 11, 14, 12, tzinfo=COPENHAGEN)
    own = Kendt(egne={f"{saturday:%m%d%H}-{n}" for n in range(9)})
    assert kinds(billede(*one_by_one(saturday, 4)), own) == set()
    assert "lørdag" in fund(billede(*one_by_one(saturday, 5)), own)[0].forklaring
    christmas = find_usædvanligt({"u": billede(*one_by_one(datetime(2026, 12, 25, 12, tzinfo=COPENHAGEN), 5))}, FRA, {})
    assert ["helligdag" in f.forklaring for f in christmas] == [True]


def test_residents_who_are_nobodys_business_and_the_same_one_again_and_again(databasetype: str) -> None:
    assert kinds(billede(*one_by_one(MANDAG, 9))) == set()
    assert kinds(billede(*one_by_one(MANDAG, 10))) == {"udenfor"}
    assert kinds(billede(*one_by_one(MANDAG, 10)), OWN) == set()
    assert kinds(billede(*one_by_one(MANDAG, 10), skrev=tuple(OWN.egne))) == {"udenfor"}, "writing excuses nothing"
    again = [(MANDAG + timedelta(days=n % 4, hours=n), ("b",)) for n in range(5)]
    assert kinds(billede(*again[:-1])) == set()
    assert kinds(billede(*again)) == {"samme"}
    assert kinds(billede(*again), Kendt(egne={"b"})) == set()


def test_paging_through_everybody_and_reading_before_the_end(databasetype: str) -> None:
    pages = [(MANDAG + timedelta(minutes=n), tuple(f"b{n}-{i}" for i in range(15))) for n in range(10)]
    assert kinds(billede(*pages[:-1])) == set()
    assert kinds(billede(*pages)) == {"søgning"}
    assert kinds(billede(*[(at, ("a", "b")) for at, _ in pages])) == set()
    read = billede((MANDAG, ("b",)))
    for hours, expected in ((23, {"spærret"}), (25, set()), (-1, set())):
        assert kinds(read, Kendt(egne={"b"}, spærret=MANDAG + timedelta(hours=hours))) == expected


def test_every_rule_is_told_on_the_page_and_in_the_docs(databasetype: str) -> None:
    assert set(REGLER) == set(TITLER)
    docs = (Path(__file__).resolve().parents[2] / "docs" / "drift.md").read_text(encoding="utf-8")
    flat = re.sub(r"\s+", " ", docs)
    assert [key for key, text in REGLER.items() if TITLER[key] not in flat or text not in flat] == []
    assert f"{VANE.days} days" in flat


def test_own_name_and_own_address_are_found_without_a_word_of_them_in_the_trail(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    me = personale.brugere[Rolle.BEBOERRÅDGIVER]
    namesake = opret_beboer(db, BeboerData(navn="Beboerrådgiver Testa", adresse="Zxqvej 1")).id
    upstairs = opret_beboer(db, BeboerData(navn="Zxq Prøvesen", adresse="ZXQVEJ 7, 2 tv., 2635 Ishøj")).id
    other = opret_beboer(db, BeboerData(navn="Testa Opdigtet", adresse="Zxqvej 7, 1. tv")).id
    gem_bopæl(db, me.id, "Zxqvej 7, 2. tv")
    for beboer in (namesake, upstairs, other):
        skriv(db, Handling.ÅBNET, "beboer", [beboer], beboere=[beboer], anledning="vis beboer")
    db.commit()
    with kontekst.session(systemet(personale.helhedsplan.id)) as system:
        found = usædvanligt(system, personale.helhedsplan.id, 30)
    assert {f.om for f in found if f.slags == "egen"} == {str(namesake), str(upstairs)}
    trail = str([(e.anledning, e.detaljer, e.genstand) for e in db.exec(select(Spor)).all()])
    assert "zxq" not in trail.casefold()
    assert "indekseret" in {e.handling for e in db.exec(select(Spor)).all()}
    mark = db.get_one(Bopæl, me.id).mærke
    assert (
        mark
        == adresse_mærke(kontekst.audit_key, "zxqvej 7 2 TV 2635 ishøj")
        != adresse_mærke(bytes(32), "Zxqvej 7, 2. tv")
    )
    gem_bopæl(db, me.id, "")
    assert db.get(Bopæl, me.id) is None


def test_what_was_looked_at_goes_away_and_comes_back_with_new_reading(
    klient: Klienter, db: Session, personale: Personale
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    assert "Intet usædvanligt" in dpo.get("/spor/usædvanligt").text
    beboer = new_id()

    def read() -> None:
        skriv(db, Handling.ÅBNET, "beboer", [beboer], beboere=[beboer], anledning="vis beboer")
        db.commit()

    database.clock.read = lambda: datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    read()
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    page = dpo.get("/spor/usædvanligt").text
    assert "Læst om natten" in page
    assert "1 beboer er åbnet mellem kl. 22 og 06." in page
    nøgle = re.search(r'name="fund" value="(\w+)"', page)
    assert nøgle is not None
    empty = dpo.send("/spor/usædvanligt", {"fund": nøgle[1], f"{nøgle[1]}-forklaring": ""})
    assert empty.status_code == 422
    assert "Skriv, hvad du fandt ud af." in empty.text
    svar = dpo.send("/spor/usædvanligt", {"fund": nøgle[1], f"{nøgle[1]}-forklaring": "Vagt for Zxq Prøvesen"})
    assert svar.status_code == 303
    page = dpo.get("/spor/usædvanligt").text
    assert "Intet usædvanligt" in page
    assert "Vagt for Zxq Prøvesen" in page
    assert "Set på af Testa Databeskyttelse" in page
    row = db.exec(select(Gennemset)).one()
    assert b"Zxq" not in row.sealed
    assert slet_gamle_gennemsete(db, row.tidspunkt) == 0
    assert slet_gamle_gennemsete(db, row.tidspunkt + timedelta(seconds=1)) == 1
    assert db.exec(select(Gennemset)).all() == []
    db.rollback()
    database.clock.read = lambda: datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    read()
    database.clock.read = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert "Intet usædvanligt" not in dpo.get("/spor/usædvanligt?dage=7").text
    assert dpo.send("/spor/usædvanligt", {"fund": "vrøvl"}).status_code == 303


def test_a_blocked_user_is_asked_about_and_others_may_not_look(
    klient: Klienter, db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    beboer = uuid.uuid4()
    skriv(db, Handling.ÅBNET, "kontakt", [new_id()], beboere=[beboer], anledning="vis beboer")
    db.commit()
    database.clock.read = lambda: datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        spær_bruger(session, personale.brugere[Rolle.BEBOERRÅDGIVER])
        session.commit()
    with kontekst.session(systemet(personale.helhedsplan.id)) as system:
        found = usædvanligt(system, personale.helhedsplan.id, 7)
    assert [f.slags for f in found] == ["spærret"]
    with kontekst.session(personale.aktør(Rolle.DATABESKYTTELSE)) as session:
        assert gennemgå(session, found)[1] == []
    for rolle in (Rolle.LEDER, Rolle.INKASSO):
        assert klient(rolle).get("/spor/usædvanligt").status_code == 403


def test_own_is_what_the_work_has_given_and_not_what_she_has_written(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    plan_id, mig = personale.helhedsplan.id, personale.brugere[Rolle.BEBOERRÅDGIVER].id
    inkasso = personale.brugere[Rolle.INKASSO].id
    with kontekst.session(Aktør()) as session:
        andre = [opret_testbruger(session, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, f"anden{n}") for n in range(2)]
        session.commit()
        hun, tredje = (bruger.id for bruger in andre)
    hendes = replace(personale.aktør(Rolle.BEBOERRÅDGIVER), bruger_id=hun)
    with kontekst.session(hendes) as hers:
        b = [opret_beboer(hers, BeboerData(navn="Testa Opdigtet", afdeling="aab55")).id for _ in range(6)]
        given = opret_opgave(hers, titel="Ring", frist=IDAG, beboer_id=b[1]).id
        giv_opgave(hers, given, mig)
        overdrag(hers, [b[5]], tredje, "ønske", new_id())
        hers.commit()
    opret_opgave(db, titel="Se på hende", frist=IDAG, beboer_id=b[0])
    log_kontakt(db, SAMTALE, dato=IDAG, beboer_id=b[0])
    opret_sag(db, RestancesagData(navn="Testa", hændelser=[]), boligorganisation="aab", beboer_id=b[0])
    for ejer, rådgiver, beboer in ((inkasso, mig, b[2]), (inkasso, None, b[4])):
        row = Henvisning(helhedsplan_id=plan_id, ejer_id=ejer, oprettet=now(), rådgiver_id=rådgiver, beboer_id=beboer)
        seal(db, row, HenvisningData(navn="Testa"))
        db.add(row)
    åbn(db, b[3], Årsag.AKUT, "Haster", 0, new_id())
    db.commit()

    def own(bruger_id: uuid.UUID, fra: datetime = FRA) -> set[int]:
        with kontekst.session(systemet(plan_id)) as system:
            found = egne(system, plan_id, fra).get(str(bruger_id), set())
        return {n for n, beboer in enumerate(b) if str(beboer) in found}

    assert own(mig) == {1, 3}
    assert own(mig, now() + timedelta(days=2)) == {1}
    assert own(inkasso) == {2, 4}
    assert (own(hun), own(tredje)) == ({0, 1, 2, 3, 4, 5}, {5})
    assert own(hun, now() + timedelta(days=2)) == {0, 1, 2, 3, 4}
    with kontekst.session(hendes) as hers:
        navngiv(hers, for_id=hun, vikar_id=tredje, fra=IDAG, til=IDAG, id=new_id())
        hers.commit()
    assert own(tredje) == {0, 1, 2, 3, 4, 5}
    with kontekst.session(systemet(plan_id)) as system:
        assert uden_række(system, [b[0], inkasso]) == {str(inkasso)}
