"""A restancesag belongs to its tenancy by itself, and the role that filed it neither opens nor learns of any."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere import households
from rådgivning.beboere.models import BeboerData, Lejemål, LejemålData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.restancer import cases, list_job, tenancies
from rådgivning.restancer.belonging import bor_andetsteds, hold_i_trit
from rådgivning.restancer.list_undo import begynd_fortryd
from rådgivning.restancer.models import Restancesag
from rådgivning.spor.models import Spor
from tests.conftest import Klient, Personale
from tests.limit import vent_på
from tests.restancer.factories import meldt, sag
from tests.restancer.list_cases import row, run

Klienter = Callable[[Rolle | None], Klient]
sqlite = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)


def ny(session: Session, **felter: Any) -> UUID:
    """A case; no transaction is left open, which would keep everybody else out on SQLite."""
    made = sag(session, **felter).id
    session.commit()
    return made


def homes(session: Session) -> dict[tuple[str, str], set[UUID]]:
    """The cases of each tenancy by boligorganisation and number; no transaction is left open."""
    found = {(d.boligorganisation, d.nummer): {*d.sager} for d in households.husstande(session).poster.values()}
    session.commit()
    return found


def test_what_opkrævning_files_belongs_to_its_tenancy_once_and_the_trail_has_a_count(
    db: Session, inge: Session
) -> None:
    home = LejemålData(nummer="55-0107-2", boligorganisation="aab", børn_i_husstanden=True)
    households.opret_lejemål(db, home)
    db.commit()
    known, new = ny(inge, lejemål="55 0107 2"), ny(inge, lejemål="55-0003-1", børn_i_husstanden=False)
    twin = ny(inge, lejemål="55.0003.1")
    other = ny(inge, lejemål="55-0107-2", boligorganisation="vildtbanegård")
    ny(inge, lejemål="")
    assert db.exec(select(Spor).where(Spor.genstand == "lejemål", Spor.rolle == Rolle.INKASSO)).all() == []
    db.commit()
    assert hold_i_trit(db) == 4
    assert {frozenset(ids) for ids in homes(db).values()} == {frozenset(i) for i in ({known}, {new, twin}, {other})}
    assert homes(db)["aab", "55-0107-2"] == {known}
    assert homes(db)["vildtbanegård", "55-0107-2"] == {other}
    [entry] = db.exec(select(Spor).where(Spor.anledning == "sager knyttet til lejemål")).all()
    assert entry.detaljer == {"sager": 4, "lejemål": 3, "slettede": 0}
    assert (entry.rækker, entry.beboere) == ([], [])
    db.commit()
    assert hold_i_trit(db) == 0
    assert len(db.exec(select(Lejemål)).all()) == 3
    assert all(row.version == 1 for row in db.exec(select(Restancesag)).all())


def test_a_resident_who_lives_elsewhere_is_asked_about_and_one_who_lives_nowhere_moves_in(db: Session) -> None:
    here, nowhere, away = (opret_beboer(db, BeboerData(navn=n)).id for n in ("Zxq Her", "Zxq Ingen", "Zxq Borte"))
    lives = LejemålData(nummer="55-0001-1", boligorganisation="aab", medlemmer=[here, away])
    home = households.opret_lejemål(db, lives).id
    by_resident = ny(db, lejemål="")
    cases.knyt_beboer(db, by_resident, beboer_id=here)
    moves = ny(db, lejemål="55-0002-1")
    cases.knyt_beboer(db, moves, beboer_id=nowhere)
    asked = sag(db, lejemål="55-0009-1")
    cases.knyt_beboer(db, asked.id, beboer_id=away)
    db.commit()
    assert hold_i_trit(db) == 2
    assert homes(db) == {("aab", "55-0001-1"): {by_resident}, ("aab", "55-0002-1"): {moves}}
    found = households.husstand(db, nowhere)
    assert found is not None
    assert found[1].nummer == "55-0002-1"
    assert households.husstande(db).for_beboer[away] == home
    data = cases.hent_sag(db, asked.id)[1]
    assert bor_andetsteds(db, asked, data)
    tenancies.knyt_lejemål(db, asked.id)
    db.commit()
    assert homes(db)["aab", "55-0009-1"] == {asked.id}


def test_who_is_loosened_by_hand_stays_loose_and_a_deleted_case_leaves_no_tenancy_behind(
    db: Session, inge: Session
) -> None:
    loose, gone = ny(inge, lejemål="55-0001-1"), ny(inge, lejemål="55-0002-1")
    assert hold_i_trit(db) == 2
    tenancies.løs_lejemål(db, loose)
    db.commit()
    cases.slet_sag(inge, gone, cases.Slettegrund.FEJL)
    inge.commit()
    assert homes(db) == {("aab", "55-0002-1"): {gone}}
    assert hold_i_trit(db) == 1
    assert homes(db) == {}
    assert db.exec(select(Lejemål)).all() == []
    db.commit()
    tenancies.knyt_lejemål(db, loose)
    db.commit()
    assert hold_i_trit(db) == 0
    assert homes(db) == {("aab", "55-0001-1"): {loose}}
    cases.ret_sag(db, loose, {"lejemål": "55-0077-1"}, db.get_one(Restancesag, loose).version)
    home = tenancies.sagens_husstand(db, db.get_one(Restancesag, loose))
    assert home is not None
    assert tenancies.har_andet_nummer(home[1], cases.hent_sag(db, loose)[1])


@sqlite
def test_an_imported_list_belongs_when_it_is_done_and_not_when_it_is_taken_back(
    db: Session, inge: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    liste = run(inge, *(row(n) for n in range(1, 121)))
    liste_id = liste.id
    inge.commit()
    vent_på([list_job.sæt_i_gang(kontekst, personale.aktør(Rolle.INKASSO), liste_id)])
    assert len(homes(db)) == 120
    entries = db.exec(select(Spor).where(Spor.anledning == "sager knyttet til lejemål").order_by(col(Spor.nr))).all()
    assert [(e.rolle, e.aktør, e.detaljer["sager"]) for e in entries] == [("system", None, 100), ("system", None, 20)]
    db.commit()
    begynd_fortryd(inge, liste_id)
    inge.commit()
    vent_på([list_job.sæt_i_gang(kontekst, personale.aktør(Rolle.INKASSO), liste_id)])
    assert db.exec(select(Restancesag)).all() == []
    db.commit()
    assert homes(db) == {}


@sqlite
def test_the_beboerrådgivers_pages_show_the_tenancy_of_a_case_nobody_has_linked(klient: Klienter, db: Session) -> None:
    beboer = opret_beboer(db, BeboerData(navn="Testa Sambo", afdeling="aab55")).id
    data = LejemålData(nummer="55-0107-2", boligorganisation="aab", børn_i_husstanden=True, medlemmer=[beboer])
    households.opret_lejemål(db, data)
    db.commit()
    inge, rådgiver = klient(Rolle.INKASSO), klient(Rolle.BEBOERRÅDGIVER)
    url = inge.send("/restancer/ny", meldt()).location
    assert "Sambo" not in inge.get(url).text
    assert db.exec(select(Spor).where(Spor.anledning == "sager knyttet til lejemål")).all() == []
    db.commit()
    assert "Husstandens andre restancesager" in rådgiver.get(f"/beboere/{beboer}").text
    page = rådgiver.get(url).text
    assert "Testa Sambo" in page
    assert "Løs fra lejemålet" in page
    rådgiver.send("/restancer", {"børn": "ja"})
    assert "Zxq Prøvesen" in rådgiver.get("/restancer").text
    number = "55-0200-1"
    answer = inge.send(url + "/ret", {**meldt(lejemål=number), "version": version(inge.get(url + "/ret").text)})
    assert answer.status_code == 303
    assert f"Sagen siger nu lejemål {number}" in rådgiver.get(url).text
    assert rådgiver.send(f"{url}/lejemål").status_code == 303
    assert "Sagen siger nu" not in rådgiver.get(url).text
    rådgiver.send(f"{url}/lejemål/løs")
    rådgiver.send(f"{url}/beboer", {"hvem": str(beboer)})
    rådgiver.send(f"{url}/lejemål/løs")
    assert "Knyt til lejemålet" in rådgiver.get(url).text


def version(page: str) -> str:
    """The version the form carries."""
    found = re.search(r'name="version"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)
