"""Two residents who are one: nothing is lost in merging them, and undoing it gives back exactly what was."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, col, select

from rådgivning import database
from rådgivning.adgang.kladder import gem_kladde, hent_kladde
from rådgivning.adgang.models import Kladde
from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Rolle
from rådgivning.beboere import households
from rådgivning.beboere.models import Beboer, BeboerData, Lejemål, LejemålData
from rådgivning.beboere.residents import Slettegrund, opret_beboer, ret_beboer, søg_beboere
from rådgivning.database import new_id
from rådgivning.drift.schema import all_tables
from rådgivning.fakta.freezing import opdatér
from rådgivning.fakta.models import Faktum, FrossetFaktum
from rådgivning.henvisninger.intake import afslut, tag_op
from rådgivning.henvisninger.models import HenvisningData
from rådgivning.henvisninger.referrals import egne, hent_egen, henvis, vis_egen
from rådgivning.kontakter.log import hent_kontakt, log_kontakt, ret_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.models import Sletning
from rådgivning.nøgler.opening import SealedRow, destroy_key, open_many, open_sealed, seal
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.overblik import combined, merged, merging
from rådgivning.overblik.models import Sammenlægning, SammenlægningData
from rådgivning.overblik.moving import Indhold, rækker_om, tabeller
from rådgivning.overblik.removal import slet
from rådgivning.restancer.cases import luk_sag, opret_sag
from rådgivning.restancer.models import Hændelse, RestancesagData
from rådgivning.samtykker.consents import giv
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import IDAG, LANG, Personale

A = BeboerData(
    navn="Zxqa Prøvesen", telefon="+4520121234", adresse="Opdigtet Allé 7", afdeling="aab55", note="Ring først"
)
B = BeboerData(navn="Zxka Prøvesen", telefon="", adresse="Opdigtet Allé 9", afdeling="aab55", note="Tolk: opdigtisk")

Par = tuple[uuid.UUID, uuid.UUID]


def kontakt(db: Session, beboer_id: uuid.UUID, dage: int = 0, notat: str = "", til: str = "") -> uuid.UUID:
    """A contact so many days ago."""
    data = KontaktData(
        art="en_til_en",
        aktivitet="beboerrådgivning",
        afdeling="aab55",
        hovedemne="gæld",
        udfald="råd_givet",
        notat=notat,
        brobygning_til=til,
    )
    return log_kontakt(db, data, dato=IDAG - timedelta(days=dage), beboer_id=beboer_id).id


def ret(db: Session, kontakt_id: uuid.UUID, notat: str) -> None:
    """Correct a contact's note."""
    row, data = hent_kontakt(db, kontakt_id)
    assert row.beboer_id is not None
    ny = data.model_copy(update={"notat": notat})
    ret_kontakt(db, kontakt_id, ny, dato=row.dato, beboer_id=row.beboer_id, version=row.version)


def sag(db: Session, beboer_id: uuid.UUID, lukket: bool = True) -> uuid.UUID:
    """A restancesag, ended and counted unless it is open."""
    data = RestancesagData(
        navn="Zxq", afdeling="aab55", beløb=Decimal("4200.50"),
        hændelser=[Hændelse(fase="påkrav", dato=IDAG - timedelta(days=20))],
    )  # fmt: skip
    made = opret_sag(db, data, boligorganisation="aab", beboer_id=beboer_id).id
    if lukket:
        luk_sag(db, made, udfald="betalt", dato=IDAG, kilde="aab", hændelse_id=new_id())
    return made


def henvisning(db: Session, beboer_id: uuid.UUID) -> uuid.UUID:
    """A referral taken up for the resident and closed."""
    data = HenvisningData(navn="Zxq", adresse="Opdigtet Allé 7", afdeling="aab55", grund="andet", kilde="ejendomsdrift")
    made = henvis(db, data, hast="akut", boligorganisation="aab", id=new_id()).id
    tag_op(db, made, beboer_id=beboer_id)
    destroy_key(db, made)
    afslut(db, made, udfald="råd_givet", note="Hun ringer selv")
    return made


def fyld(db: Session, beboer_id: uuid.UUID, draw: random.Random) -> None:
    """Some of everything about a resident."""
    for n in range(draw.randrange(4)):
        made = kontakt(db, beboer_id, draw.randrange(400), f"Notat {n}", draw.choice(("", "jobcenter")))
        for m in range(draw.randrange(3)):
            ret(db, made, f"Rettet {n}.{m}")
    for _ in range(draw.randrange(3)):
        opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=beboer_id)
        sag(db, beboer_id, draw.random() < 0.6)
    for _ in range(draw.randrange(2)):
        henvisning(db, beboer_id)
        row = Samtykke(helhedsplan_id=_plan(db), beboer_id=beboer_id, ejer_id=_mig(db))
        seal(db, row, SamtykkeData(formål="sagen", modtagere=["opkrævning"]))
        db.add(row)
    if draw.random() < 0.6:
        number = draw.choice(("55-1", "55-2"))
        lejemål = households.find_eller_opret(db, boligorganisation="aab", nummer=number)
        households.flyt_ind(db, beboer_id, lejemål)
    for path in ("/kontakter/ny/{}", "/opgaver/ny/{}", "/beboere/{}/ret", "/henvisninger/x"):
        if draw.random() < 0.5:
            gem_kladde(db, path.format(beboer_id), {"beboer_id": [str(beboer_id)], "notat": ["Begyndt"]})
    db.flush()


def _plan(db: Session) -> uuid.UUID:
    plan: uuid.UUID = db.info["aktør"].helhedsplan_id
    return plan


def _mig(db: Session) -> uuid.UUID:
    me: uuid.UUID = db.info["aktør"].bruger_id
    return me


def alt(db: Session) -> dict[str, Any]:
    """Every opened value, whose it is, every fact's pseudonym, who lives where, and where drafts stand."""
    db.flush()
    db.expire_all()
    found: dict[str, Any] = {}
    models: dict[str, type[SealedRow]] = {**tabeller(), "beboer": Beboer}
    for navn, model in models.items():
        rows = db.exec(select(model)).all()
        values = open_many(db, rows, Indhold, "prøve")
        assert len(values) == len(rows), f"a row of {navn} cannot be opened"
        clear = {row.id: {k: v for k, v in row.model_dump().items() if k != "sealed"} for row in rows}
        found[navn] = {i: (clear[i], value.root) for i, value in values.items()}
    found["faktum"] = {f.id: f.model_dump() for f in db.exec(select(Faktum)).all()}
    opened = open_many(db, db.exec(select(Lejemål)).all(), LejemålData, "prøve").values()
    found["lejemål"] = sorted((d.nummer, sorted(map(str, d.medlemmer)), sorted(map(str, d.sager))) for d in opened)
    return found


def læg_sammen(db: Session, beholdt: uuid.UUID, udgået: uuid.UUID, **valg: str) -> Sammenlægning:
    """Merge as the page would."""
    versions = (db.get_one(Beboer, beholdt).version, db.get_one(Beboer, udgået).version)
    return merging.slå_sammen(db, new_id(), beholdt_id=beholdt, udgået_id=udgået, valg=valg, versioner=versions)


@pytest.fixture
def par(db: Session) -> Par:
    """Two residents."""
    made = opret_beboer(db, A).id, opret_beboer(db, B).id
    db.commit()
    return made


@pytest.fixture
def om(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Go so many days on."""
    now = database.clock.read()
    return lambda dage: monkeypatch.setattr(database.clock, "read", lambda: now + timedelta(days=dage))


def test_only_sealed_tables_name_a_resident() -> None:
    naming = {t.name for t in all_tables().sorted_tables if "beboer_id" in t.c}
    assert naming == set(tabeller())
    assert {"kontakt", "kontakt_version", "opgave", "henvisning", "henvisning_behandling", "restancesag"} < naming


@pytest.mark.parametrize("seed", range(60 if LANG else 5))
def test_merging_and_undoing_gives_back_every_value_and_every_pseudonym_exactly(
    db: Session, kontekst: Nøglekontekst, seed: int
) -> None:
    draw = random.Random(seed)
    a, b, c = (opret_beboer(db, data).id for data in (A, B, A.model_copy(update={"note": ""})))
    for beboer_id in (a, b, c):
        fyld(db, beboer_id, draw)
    db.commit()
    before = alt(db)
    pairs = draw.choice((((a, b),), ((a, b), (c, a)), ((a, b), (a, c))))
    valg = {navn: draw.choice((combined.UDGÅET, combined.BEHOLDT, "")) for navn in combined.FELTER}
    made = []
    for beholdt, udgået in pairs:
        gone = {f.id for f in db.exec(select(Faktum)).all() if f.pseudonym == pseudonym(db, udgået, int(f.måned[:4]))}
        made.append(læg_sammen(db, beholdt, udgået, **valg).id)
        db.commit()
        now = alt(db)
        assert udgået not in now["beboer"]
        assert not [row for navn in tabeller() for row, _ in now[navn].values() if row.get("beboer_id") == udgået]
        for i in gone:
            assert now["faktum"][i]["pseudonym"] == pseudonym(db, beholdt, int(now["faktum"][i]["måned"][:4]))
    for merge in reversed(made):
        merging.fortryd(db, merge)
        db.commit()
    after = alt(db)
    for beboer_id, (row, value) in before["beboer"].items():
        assert after["beboer"][beboer_id][1] == value
        assert after["beboer"][beboer_id][0] | {"version": 0} == row | {"version": 0}
    assert {**after, "beboer": 0} == {**before, "beboer": 0}
    assert tjek(db, kontekst.audit_key) == []


def test_each_field_is_the_chosen_ones_and_both_notes_can_be_kept() -> None:
    both = combined.samlet(A, B, {"navn": combined.UDGÅET, "note": combined.BEGGE})
    assert (both.navn, both.telefon, both.note) == (B.navn, A.telefon, f"{A.note}\n\n{B.note}")
    assert combined.samlet(A, A, {"note": combined.BEGGE}).note == A.note
    assert combined.begge_noter(A, A.model_copy(update={"note": "x" * 100_000})) == ""
    born = A.model_copy(update={"fødselsdato": IDAG.replace(year=1980)})
    aged = B.model_copy(update={"aldersgruppe": "30-39"})
    assert combined.samlet(born, aged, {"aldersgruppe": combined.UDGÅET}).aldersgruppe == ""


def test_one_entry_names_both_and_what_moved(db: Session, par: Par) -> None:
    a, b = par
    kontakt(db, b)
    row = læg_sammen(db, a, b)
    merging.fortryd(db, row.id)
    db.commit()
    entries = db.exec(select(Spor).where(Spor.genstand == "sammenlægning").order_by(col(Spor.nr))).all()
    told = [(e.handling, e.anledning, e.detaljer) for e in entries if e.handling != Handling.ÅBNET]
    assert told == [
        (Handling.OPRETTET, "lagt sammen", {"kontakt": 1}),
        (Handling.ÆNDRET, "sammenlægning fortrudt", {"kontakt": 1}),
    ]
    assert all(e.beboere == sorted(map(str, par)) for e in entries if e.handling != Handling.ÅBNET)


def test_the_one_who_went_is_found_nowhere_and_her_name_in_no_column(db: Session, par: Par) -> None:
    a, b = par
    row = læg_sammen(db, a, b)
    db.commit()
    assert [t.id for t in søg_beboere(db, "Prøvesen")] == [a]
    assert merged.lagt_sammen_med(db, b) == a
    assert merged.lagt_sammen_med(db, a) is None
    assert db.get(Beboer, b) is None
    for attempt in (
        lambda: opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=b),
        lambda: kontakt(db, b),
        lambda: ret_beboer(db, b, B, 1),
        lambda: merging.slå_sammen(db, new_id(), beholdt_id=a, udgået_id=b, valg={}, versioner=(2, 1)),
    ):
        with pytest.raises(IkkeFundet):
            attempt()
    assert b"Zxka" not in row.sealed


def test_what_came_and_was_corrected_since_stays_with_the_kept_one_and_is_named(db: Session, par: Par) -> None:
    a, b = par
    flyttet = kontakt(db, b, notat="Hendes")
    row = læg_sammen(db, a, b, navn=combined.UDGÅET)
    ny = kontakt(db, a, notat="Siden")
    ret(db, flyttet, "Hendes, rettet siden")
    nu = open_sealed(db, db.get_one(Beboer, a), BeboerData, "prøve")
    ret_beboer(db, a, nu.model_copy(update={"telefon": "+4530303030"}), db.get_one(Beboer, a).version)
    db.commit()
    brings = merging.hent_fortrydelse(db, row.id)
    assert brings.rettet_siden == ["telefon"]
    assert {navn: [r.id for r in rows] for navn, rows in brings.kommet_til.items()} == {"kontakt": [ny]}
    merging.fortryd(db, row.id)
    merging.fortryd(db, row.id)
    db.commit()
    now = alt(db)
    assert now["beboer"][a][1] == A.model_copy(update={"telefon": "+4530303030"}).model_dump(mode="json")
    assert now["beboer"][b][1] == B.model_dump(mode="json")
    assert {i: row["beboer_id"] for i, (row, _) in now["kontakt"].items()} == {flyttet: b, ny: a}
    assert [r["beboer_id"] for r, _ in now["kontakt_version"].values()] == [b]
    assert now["kontakt"][flyttet][1]["notat"] == "Hendes, rettet siden"


def test_the_same_form_twice_merges_once_and_a_page_grown_old_is_refused(db: Session, par: Par) -> None:
    a, b = par
    ret_beboer(db, b, B, 1)
    with pytest.raises(merging.BeboereÆndret):
        merging.slå_sammen(db, new_id(), beholdt_id=a, udgået_id=b, valg={}, versioner=(1, 1))
    with pytest.raises(Konflikt):
        merging.slå_sammen(db, new_id(), beholdt_id=a, udgået_id=a, valg={}, versioner=(1, 1))
    form = new_id()
    first = merging.slå_sammen(db, form, beholdt_id=a, udgået_id=b, valg={}, versioner=(1, 2))
    assert merging.slå_sammen(db, form, beholdt_id=a, udgået_id=b, valg={}, versioner=(1, 2)).id == first.id
    assert len(db.exec(select(Sammenlægning)).all()) == 1


def test_a_chain_is_undone_from_its_end(db: Session, par: Par) -> None:
    a, b = par
    c = opret_beboer(db, BeboerData(navn="Zxqa Prøvesenn")).id
    first = læg_sammen(db, b, a).id
    second = læg_sammen(db, c, b).id
    db.commit()
    assert merged.lagt_sammen_med(db, a) == c
    for refused in (merging.hent_fortrydelse, merging.fortryd):
        with pytest.raises(Konflikt, match="nyeste"):
            refused(db, first)
    assert merging.kan_fortrydes(db, c) is not None
    merging.fortryd(db, second)
    merging.fortryd(db, first)
    assert {row.id for row in db.exec(select(Beboer)).all()} == {a, b, c}
    with pytest.raises(Konflikt, match="allerede"):
        merging.hent_fortrydelse(db, first)


def test_after_thirty_days_the_kept_key_goes_by_itself(db: Session, par: Par, om: Callable[[int], None]) -> None:
    a, b = par
    made = kontakt(db, b, notat="Hendes")
    row = læg_sammen(db, a, b)
    db.commit()
    om(30)
    merging.slet_udløbne(db, ())
    assert merging.kan_fortrydes(db, a) is not None
    om(31)
    assert merging.kan_fortrydes(db, a) is None
    with pytest.raises(Konflikt, match="for sent"):
        merging.fortryd(db, row.id)
    merging.slet_udløbne(db, ())
    merging.slet_udløbne(db, ())
    db.commit()
    db.refresh(row)
    assert (row.sealed, row.tømt) == (b"", True)
    assert {b, row.id} <= {s.person_id for s in db.exec(select(Sletning)).all()}
    for person in (b, row.id):
        with pytest.raises(Shredded):
            db.info["keystore"].get(person)
    assert merged.lagt_sammen_med(db, b) == a
    assert hent_kontakt(db, made)[1].notat == "Hendes"


def test_erasing_the_kept_one_erases_everybody_who_was_merged_into_her(db: Session, par: Par) -> None:
    a, b = par
    c = opret_beboer(db, A).id
    records = [læg_sammen(db, b, a).id, læg_sammen(db, c, b).id]
    db.commit()
    slet(db, c, Slettegrund.ØNSKE)
    db.commit()
    assert db.exec(select(Sammenlægning)).all() == []
    for person in (a, b, c, *records):
        with pytest.raises(Shredded):
            db.info["keystore"].get(person)


def test_a_row_that_cannot_be_opened_stops_the_merge_before_anything_is_changed(db: Session, par: Par) -> None:
    a, b = par
    kontakt(db, b)
    db.commit()
    spoiled = {"sqlite": "zeroblob(64)", "postgresql": "decode(repeat('00', 64), 'hex')"}[db.get_bind().dialect.name]
    db.connection().exec_driver_sql(f"UPDATE kontakt SET sealed = {spoiled}")
    db.commit()
    with pytest.raises(Konflikt, match="kan ikke læses"):
        læg_sammen(db, a, b)
    db.rollback()
    assert db.get_one(Beboer, b).version == 1


def test_referrer_still_opens_her_own_and_a_frozen_month_stays_as_it_was(
    db: Session, kontekst: Nøglekontekst, personale: Personale, par: Par
) -> None:
    a, b = par
    with kontekst.session(personale.aktør(Rolle.EJENDOMSDRIFT)) as referrer:
        data = HenvisningData(navn="Zxka", adresse="Opdigtet Allé 9", afdeling="aab55", grund="andet")
        sendt = henvis(referrer, data, hast="akut", boligorganisation="aab", id=new_id()).id
        referrer.commit()
    tag_op(db, sendt, beboer_id=b)
    db.commit()
    opdatér(db, personale.helhedsplan.id, ["2026-11"], "2026-11")
    db.commit()
    frozen = {f.id: f.pseudonym for f in db.exec(select(FrossetFaktum)).all()}
    merge = None
    for _step in ("merge", "undo"):
        merge = læg_sammen(db, a, b).id if merge is None else merging.fortryd(db, merge).id
        db.commit()
        with kontekst.session(personale.aktør(Rolle.EJENDOMSDRIFT)) as referrer:
            assert [linje.data is not None for linje in egne(referrer, "aab", 1)[0]] == [True]
            seen = vis_egen(referrer, hent_egen(referrer, sendt, "aab"))
            assert seen is not None
            assert seen.navn == "Zxka"
            referrer.commit()
        assert {f.id: f.pseudonym for f in db.exec(select(FrossetFaktum)).all()} == frozen


def test_a_draft_about_the_one_who_went_is_offered_at_the_kept_ones_page(db: Session, par: Par) -> None:
    a, b = par
    gem_kladde(db, f"/kontakter/ny/{b}", {"notat": ["Begyndt"]})
    gem_kladde(db, f"/opgaver/ny/{b}", {"titel": ["Hendes"]})
    gem_kladde(db, f"/opgaver/ny/{a}", {"titel": ["Min"]})
    row = læg_sammen(db, a, b)
    assert hent_kladde(db, f"/kontakter/ny/{a}") == {"notat": ["Begyndt"]}
    assert hent_kladde(db, f"/opgaver/ny/{a}") == {"titel": ["Min"]}
    assert {k.beboer_id for k in db.exec(select(Kladde)).all()} == {a}
    merging.fortryd(db, row.id)
    assert hent_kladde(db, f"/kontakter/ny/{b}") == {"notat": ["Begyndt"]}
    assert hent_kladde(db, f"/opgaver/ny/{b}") == {"titel": ["Hendes"]}


def test_a_tenancy_left_empty_comes_back_and_a_taken_number_is_used_again(db: Session, par: Par) -> None:
    a, b = par
    for beboer_id, number in ((a, "55-1"), (b, "55-2")):
        lejemål = households.find_eller_opret(db, boligorganisation="aab", nummer=number)
        households.flyt_ind(db, beboer_id, lejemål)
    row = læg_sammen(db, a, b)
    assert households.find_lejemål(db, "aab", "55-2") is None
    again = households.find_eller_opret(db, boligorganisation="aab", nummer="55-2")
    merging.fortryd(db, row.id)
    found = households.husstand(db, b)
    assert found is not None
    assert (found[0], found[1].medlemmer) == (again, [b])


def test_another_helhedsplan_neither_merges_nor_undoes(
    db: Session, kontekst: Nøglekontekst, personale: Personale, par: Par
) -> None:
    a, b = par
    row = læg_sammen(db, a, b).id
    c = opret_beboer(db, A).id
    db.commit()
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(Aktør(me.bruger_id, me.rolle, uuid.uuid4(), me.åbner)) as other:
        mine = opret_beboer(other, A).id
        for attempt in (
            lambda: merging.slå_sammen(other, new_id(), beholdt_id=mine, udgået_id=c, valg={}, versioner=(1, 1)),
            lambda: merging.slå_sammen(other, row, beholdt_id=mine, udgået_id=c, valg={}, versioner=(1, 1)),
            lambda: merging.fortryd(other, row),
            lambda: merging.hent_fortrydelse(other, row),
        ):
            with pytest.raises(IkkeFundet):
                attempt()
        assert merged.lagt_sammen_med(other, b) is None
        merging.slet_udløbne(other, ())
    assert open_sealed(db, db.get_one(Sammenlægning, row), SammenlægningData, "prøve").udgået == B


@pytest.mark.parametrize("databasetype", ["postgresql"], indirect=True)
def test_whoever_read_her_before_the_merge_writes_nothing_about_her_after_it(
    db: Session, kontekst: Nøglekontekst, personale: Personale, par: Par
) -> None:
    a, b = par
    seen = db.get_one(Beboer, b)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as other:
        læg_sammen(other, a, b)
        other.commit()
    assert seen.version == 1
    for attempt in (
        lambda: opret_opgave(db, titel="Ring", frist=IDAG, beboer_id=b),
        lambda: kontakt(db, b),
        lambda: sag(db, b),
        lambda: henvisning(db, b),
        lambda: giv(db, b, SamtykkeData(formål="sagen", modtagere=["opkrævning"], måde="mundtligt"), til=None),
    ):
        with pytest.raises(IkkeFundet):
            attempt()
    db.rollback()
    assert all(not rows for rows in rækker_om(db, b).values())
