"""The work list: what it filters by is sealed, what is chosen stays; attempts take two taps, households one answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from rådgivning.adgang.models import Visning
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere import households
from rådgivning.beboere.models import BeboerData, LejemålData
from rådgivning.beboere.residents import Slettegrund, opret_beboer
from rådgivning.drift.instance import open_instance
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.overblik.removal import slet
from rådgivning.restancer import cases, tenancies, worklist
from rådgivning.restancer.attempts import tilføj_forsøg
from rådgivning.restancer.models import Hændelse, Kontaktforsøg, Restancesag
from rådgivning.restancer.worklist import Udsnit, frister, sager
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient, Personale
from tests.restancer.factories import meldt, sag, skridt

Klienter = Callable[[Rolle | None], Klient]
AFDELINGER = ("aab55", "steenbjerggård")
FOR_SENT = skridt("påkrav", date(2026, 11, 2), registreret=datetime(2026, 11, 2, 9, tzinfo=UTC))
sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


@pytest.fixture
def anden(settings: Settings, personale: Personale) -> Iterator[Session]:
    """A session of a second worker."""
    kontekst: Nøglekontekst = open_instance(settings)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        yield session
    kontekst.close()


@pytest.fixture
def rådgiver(klient: Klienter) -> Klient:
    return klient(Rolle.BEBOERRÅDGIVER)


def ny(session: Session, *hændelser: Hændelse, **felter: Any) -> uuid.UUID:
    """A case; no transaction is left open, which would keep everybody else out on SQLite."""
    made = sag(session, *hændelser, **felter).id
    session.commit()
    return made


def navne(session: Session, side: int = 1, **valg: str) -> list[str]:
    """Who stands on the list, in order."""
    liste = sager(session, replace(Udsnit(), **valg), side, AFDELINGER)
    session.commit()
    return [linje.data.navn if linje.data else "Slettet" for linje in liste.linjer]


def forsøg(session: Session, id: uuid.UUID, dag: date, *, truffet: bool | None = False) -> Kontaktforsøg:  # noqa: A002
    """An attempt by phone, committed."""
    made = Kontaktforsøg(måde="telefon", dato=dag, truffet=truffet)
    tilføj_forsøg(session, id, made)
    session.commit()
    return made


def test_the_list_filters_and_orders_by_what_is_sealed(db: Session) -> None:
    first = ny(db, FOR_SENT, navn="Over")
    second = ny(db, skridt("påkrav", date(2026, 11, 6)), navn="Idag", afdeling="steenbjerggård")
    third = ny(db, skridt("ophævet", date(2026, 11, 19)), navn="Snart", børn_i_husstanden=True)
    fourth = ny(db, skridt("forfalden", date(2026, 11, 2)), navn="Slut", boligorganisation="ishøj_boligselskab")
    cases.luk_sag(db, fourth, udfald="betalt", dato=IDAG, kilde="", hændelse_id=uuid.uuid4())
    forsøg(db, first, date(2026, 11, 18))
    forsøg(db, third, date(2026, 11, 10), truffet=True)
    assert navne(db) == ["Over", "Idag", "Snart"]
    assert navne(db, vis="alle") == ["Over", "Idag", "Snart", "Slut"]
    assert navne(db, vis="overskredne") == ["Over"]
    assert navne(db, vis="i_dag") == ["Over", "Idag"]
    assert navne(db, vis="lukkede") == ["Slut"]
    assert navne(db, fase="ophævet") == ["Snart"]
    assert navne(db, afdeling="steenbjerggård") == ["Idag"]
    assert navne(db, vis="alle", organisation="ishøj_boligselskab") == ["Slut"]
    assert navne(db, kontaktet="ja") == ["Snart"]
    assert navne(db, kontaktet="nej") == ["Over", "Idag"]
    assert (navne(db, børn="ja"), navne(db, børn="nej")) == (["Snart"], [])
    assert navne(db, orden="forsøg") == ["Idag", "Snart", "Over"]
    assert navne(db, orden="fase") == ["Snart", "Over", "Idag"]
    assert navne(db, orden="afdeling") == ["Over", "Snart", "Idag"]
    near = frister(db, timedelta(days=14), 10)
    assert [linje.sag.id for linje in near.nu] == [first, second]
    assert ([linje.sag.id for linje in near.snart], near.antal_nu, near.antal_snart) == ([third], 2, 1)
    one = frister(db, timedelta(days=14), 1)
    assert ([linje.sag.id for linje in one.nu], one.antal_nu) == ([first], 2)


def test_every_worker_sees_what_another_changes_and_nobody_what_was_undone(db: Session, anden: Session) -> None:
    made = ny(db, navn="Zxq Prøvesen")
    assert navne(anden, kontaktet="nej") == ["Zxq Prøvesen"]
    forsøg(db, made, IDAG, truffet=True)
    assert navne(anden, kontaktet="nej") == []
    assert navne(anden, kontaktet="ja") == ["Zxq Prøvesen"]
    tilføj_forsøg(db, made, Kontaktforsøg(måde="sms", dato=IDAG))
    cases.luk_sag(db, made, udfald="betalt", dato=IDAG, kilde="", hændelse_id=uuid.uuid4())
    assert worklist.SPEJL.frisk(db).poster[made].lukket == IDAG
    db.rollback()
    assert worklist.SPEJL.frisk(db).poster[made].lukket is None
    db.rollback()
    assert navne(anden) == ["Zxq Prøvesen"]
    cases.slet_sag(db, made, cases.Slettegrund.FEJL)
    db.commit()
    assert navne(anden) == []


def test_a_case_from_before_the_numbers_is_on_the_list_and_an_erased_one_is_not(db: Session, anden: Session) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    made = ny(db)
    cases.knyt_beboer(db, made, beboer_id=beboer)
    db.execute(text('DELETE FROM "søgeændring"'))
    db.commit()
    assert navne(anden) == ["Zxq Prøvesen"]
    lost = ny(db, navn="Zxq Tabt")
    db.info["keystore"].destroy([lost])
    slet(db, beboer, Slettegrund.FEJL)
    db.commit()
    assert navne(anden, vis="alle") == ["Slettet"]
    assert navne(anden, afdeling="aab55") == []
    assert db.get(Restancesag, made) is None


def test_building_the_list_is_one_count_in_the_trail_and_only_the_page_is_named(db: Session) -> None:
    ids = {str(ny(db, navn=f"Zxq {n}")) for n in range(27)}
    before = set(db.exec(select(Spor.nr)).all())
    assert (len(navne(db)), len(navne(db, side=2)), navne(db, side=3)) == (25, 2, [])
    new = [s for s in db.exec(select(Spor).order_by("nr")).all() if s.nr not in before]
    counts = [s.detaljer for s in new if s.handling == Handling.INDEKSERET and s.genstand == "restancesag"]
    assert counts == [{"antal": 27}]
    named = [s.rækker for s in new if s.handling == Handling.ÅBNET]
    assert [len(rækker) for rækker in named] == [25, 2]
    assert {r for rækker in named for r in rækker} == ids
    whole = sager(db, Udsnit(), 1, AFDELINGER, worklist.TIL_UDSKRIFT)
    assert (len(whole.linjer), whole.sider, whole.antal, whole.åbne) == (27, 1, 27, 27)


def test_children_of_the_household_are_one_answer_for_its_cases(db: Session) -> None:
    one, two = (opret_beboer(db, BeboerData(navn=n)).id for n in ("Zxq En", "Zxq To"))
    made = ny(db, lejemål="55-0107-2", navn="Zxq En")
    cases.knyt_beboer(db, made, beboer_id=one)
    home = tenancies.knyt_lejemål(db, made)
    assert home is not None
    households.flyt_ind(db, two, home)
    other = ny(db, lejemål="55 0107 2", navn="Zxq To")
    cases.knyt_beboer(db, other, beboer_id=two)
    assert tenancies.knyt_lejemål(db, other) == home
    data = households.hent_lejemål(db, home)[1]
    assert (data.medlemmer, data.sager, data.boligorganisation) == ([one, two], [made, other], "aab")
    tenancies.sæt_børn(db, made, True)
    assert navne(db, børn="ja") == navne(db)
    tenancies.løs_lejemål(db, other)
    tenancies.sæt_børn(db, made, None)
    assert navne(db, børn="ja") == ["Zxq To"]
    nabo = ny(db, lejemål="55-0107-2", navn="Zxq Nabo", boligorganisation="vildtbanegård", børn_i_husstanden=False)
    away = tenancies.knyt_lejemål(db, nabo)
    assert away != home
    assert away is not None
    assert households.hent_lejemål(db, away)[1].børn_i_husstanden is False
    tom = ny(db, lejemål="", boligorganisation="vildtbanegård")
    assert tenancies.knyt_lejemål(db, tom) is None
    cases.knyt_beboer(db, tom, beboer_id=one)
    assert tenancies.knyt_lejemål(db, tom) is None
    hers = ny(db, lejemål="")
    cases.knyt_beboer(db, hers, beboer_id=one)
    assert tenancies.knyt_lejemål(db, hers) == home
    cases.slet_sag(db, hers, cases.Slettegrund.FEJL)
    assert households.hent_lejemål(db, home)[1].sager == [made]


@sqlite
def test_what_is_chosen_stays_until_it_is_reset_and_stands_in_no_address(
    rådgiver: Klient, klient: Klienter, db: Session
) -> None:
    ny(db, navn="Zxq Prøvesen")
    assert "Nulstil" not in rådgiver.get("/restancer").text
    svar = rådgiver.send("/restancer", {"vis": "åbne", "afdeling": "steenbjerggård", "børn": "ukendt", "orden": "fase"})
    assert (svar.status_code, svar.location) == (303, "/restancer")
    igen = klient(Rolle.BEBOERRÅDGIVER).get("/restancer").text
    assert "Ingen restancesager her." in igen
    assert "2 filtre valgt" in igen
    assert '<option value="steenbjerggård" selected>' in igen
    assert rådgiver.send("/restancer", {"skift": "alle", "afdeling": "aab55", "børn": "x"}).status_code == 303
    [kept] = db.exec(select(Visning)).all()
    assert kept.valg == {"vis": "alle", "afdeling": "aab55"}
    db.rollback()
    assert "Zxq Prøvesen" in rådgiver.get("/restancer").text
    rådgiver.send("/restancer", {"nulstil": "1", "afdeling": "steenbjerggård"})
    assert db.exec(select(Visning)).all() == []
    db.rollback()
    assert "Nulstil" not in rådgiver.get("/restancer").text
    assert klient(Rolle.INKASSO).send("/restancer", {"vis": "alle"}).status_code == 403
    assert "Siden" not in rådgiver.get("/restancer?side=99").text


@sqlite
def test_an_attempt_takes_two_taps_and_one_to_take_back(rådgiver: Klient, db: Session) -> None:
    made = ny(db, navn="Zxq Prøvesen")
    siden = rådgiver.get("/restancer").text
    for words in ("Ringede", "Bankede på", "Sms", "Kort i døren", "Ingen forsøg endnu"):
        assert words in siden
    felter = {"valg": "telefon nej", "tilbage": "/restancer", "formular_id": str(uuid.uuid4())}
    for _ in range(2):
        svar = rådgiver.send(f"/restancer/{made}/forsøg/hurtigt", felter)
        assert svar.status_code == 303
    assert svar.location.startswith("/restancer?sag=")
    siden = rådgiver.get(svar.location).text
    assert "Kontaktforsøget er skrevet ind." in siden
    assert "Sidst 20.11.2026: Telefon, ikke truffet" in siden
    igen = {**felter, "valg": "bankede_på ja", "formular_id": str(uuid.uuid4())}
    rådgiver.send(f"/restancer/{made}/forsøg/hurtigt", igen)
    siden = rådgiver.get(f"/restancer/{made}").text
    assert "Truffet 20.11.2026" in siden
    annul = f"/restancer/{made}/forsøg/{felter['formular_id']}/annullér"
    assert f'action="{quote(annul)}"' in siden
    assert rådgiver.send(annul, {"tilbage": f"/restancer/{made}"}).location == f"/restancer/{made}"
    assert "Annulleret" in rådgiver.get(f"/restancer/{made}").text
    for valg in ("telefon måske", "fax ja", "", "kort_i_døren ja"):
        svar = rådgiver.send(f"/restancer/{made}/forsøg/hurtigt", {"valg": valg, "tilbage": "https://x.example/"})
        assert (svar.status_code, svar.location) == (303, "/restancer")
        assert "blev ikke skrevet ind" in rådgiver.get("/restancer").text
    assert len(cases.hent_sag(db, made)[1].forsøg) == 2
    db.rollback()
    fuld = {"måde": "brev", "dato": "2026-11-21", "truffet": "ved_ikke", "note": "Lagt i postkassen"}
    svar = rådgiver.send(f"/restancer/{made}/forsøg", fuld)
    assert (svar.status_code, "Datoen ligger i fremtiden." in svar.text) == (422, True)
    assert rådgiver.send(f"/restancer/{made}/forsøg", {**fuld, "dato": "2026-11-17"}).status_code == 303
    assert "Lagt i postkassen" in rådgiver.get(f"/restancer/{made}").text


@sqlite
def test_the_day_begins_with_the_cases_to_act_on_and_an_attempt_is_made_from_there(
    rådgiver: Klient, db: Session
) -> None:
    over = ny(db, FOR_SENT, navn="Zxq Over")
    ny(db, skridt("ophævet", date(2026, 11, 19)), navn="Zxq Snart")
    siden = rådgiver.get("/").text
    assert "Restancesager, der skal handles på i dag (1)" in siden
    assert siden.index("Zxq Over") < siden.index("De næste 14 dage (1)") < siden.index("Zxq Snart")
    assert "4 dage over" in siden
    svar = rådgiver.send(f"/restancer/{over}/forsøg/hurtigt", {"valg": "sms sendt", "tilbage": "/"})
    assert svar.location.startswith("/?sag=")
    assert "Kontaktforsøget er skrevet ind." in rådgiver.get(svar.location).text


@sqlite
def test_a_new_case_finds_its_tenancy_and_the_page_shows_who_lives_there(
    rådgiver: Klient, klient: Klienter, db: Session
) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Testa Sambo", afdeling="aab55")).id
    households.opret_lejemål(
        db, LejemålData(nummer="55-0107-2", boligorganisation="aab", børn_i_husstanden=True, medlemmer=[beboer])
    )
    db.commit()
    url = rådgiver.send("/restancer/ny", meldt(kilde="beboeren_selv")).location
    siden = rådgiver.get(url).text
    assert "Testa Sambo" in siden
    assert "Løs fra lejemålet" in siden
    assert "Husstandens andre restancesager" in rådgiver.get(f"/beboere/{beboer}").text
    assert rådgiver.send(f"{url}/børn", {"børn": "nej"}).status_code == 303
    assert rådgiver.send(f"{url}/børn", {"børn": "måske"}).status_code == 303
    assert rådgiver.send(f"{url}/lejemål/løs").status_code == 303
    siden = rådgiver.get(url).text
    assert "(findes allerede)" in siden
    assert "Testa Sambo" not in siden
    assert rådgiver.send(f"{url}/lejemål").status_code == 303
    assert "Testa Sambo" in rådgiver.get(url).text
    meldt_ind = klient(Rolle.INKASSO).send("/restancer/ny", meldt(lejemål="")).location
    assert "Ikke knyttet" in rådgiver.get(meldt_ind).text
    cases.knyt_beboer(db, uuid.UUID(meldt_ind.rpartition("/")[2]), beboer_id=beboer)
    db.commit()
    assert "Testa Sambo" in rådgiver.get(meldt_ind).text
    assert db.exec(select(Restancesag)).all()
