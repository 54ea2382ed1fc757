"""Who may be registered twice: which residents look alike, the list of them, and the answer that two are two."""

from __future__ import annotations

import random
import re
import time
import uuid
from collections.abc import Callable
from datetime import date
from itertools import combinations

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import IkkeFundet, Rolle
from rådgivning.beboere.duplicates import antal_dubletter, dubletter, ikke_den_samme, ligner, måske_den_samme
from rådgivning.beboere.likeness import SANDSYNLIG, Kendetegn, Ligheder, find_par, kendetegn, lighed, parnøgle
from rådgivning.beboere.models import BeboerData, IkkeSamme
from rådgivning.beboere.residents import Slettegrund, opret_beboer, ret_beboer, slet_beboer
from rådgivning.database import new_id
from rådgivning.drift.demo_data import EFTERNAVNE, FORNAVNE, VEJE
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import Aktør
from tests.conftest import Klient, Personale

KlientFor = Callable[[Rolle | None], Klient]
FØDT, ANDEN = date(1980, 5, 1), date(1999, 5, 1)


def mærker(navn: str, telefon: str = "", adresse: str = "", født: date | None = None) -> Kendetegn:
    """The marks of an invented resident."""
    return kendetegn(BeboerData(navn=navn, telefon=telefon, adresse=adresse, fødselsdato=født))


@pytest.mark.parametrize(
    ("en", "anden", "grunde"),
    [
        (mærker("Aase Prøvesen"), mærker("Åse  PRØVESEN"), "samme navn"),
        (mærker("Prøvesen, Åse"), mærker("Aase Proevesen"), "samme navn"),
        (mærker("Testa Prøvesen"), mærker("Tetsa Prøvesen"), "næsten samme navn"),
        (mærker("Testa Prøvesen"), mærker("Testa Prøvsen"), "næsten samme navn"),
        (mærker("Testa Opdigtet Prøvesen"), mærker("Prøvesen Testa"), "næsten samme navn"),
        (mærker("Anne-Mari Prøvesen"), mærker("Annemari Prøvesen"), "næsten samme navn"),
        (mærker("Testa P", "+4520121234"), mærker("Zxq O", "+4520121234"), "samme telefon"),
        (mærker("Testa Ærlig", "", "Allé 7, 2"), mærker("Testa Øde", "", "alle 7 2"), "samme fornavn, samme adresse"),
        (mærker("Testa Ærlig", født=FØDT), mærker("Testta Øde", født=FØDT), "samme fornavn, samme fødselsdato"),
        (
            mærker("Testa Prøvesen", "+4520121234", "Allé 7", FØDT),
            mærker("Testa Prøvesen", "+4520121234", "", ANDEN),
            "samme navn, samme telefon",
        ),
    ],
)  # fmt: skip
def test_these_look_like_one(en: Kendetegn, anden: Kendetegn, grunde: str) -> None:
    assert ", ".join(lighed(en, anden).grunde) == grunde
    assert lighed(en, anden) == lighed(anden, en)
    assert lighed(en, anden).point >= SANDSYNLIG
    assert len(find_par({new_id(): en, new_id(): anden})) == 1


@pytest.mark.parametrize(
    ("en", "anden"),
    [
        (mærker("Ali P"), mærker("Ari P")),
        (mærker("Testa Prøvesen"), mærker("Testa Opdigtet")),
        (mærker("Ali Hassan", "", "Allé 7"), mærker("Hassan Omar", "", "Allé 7")),
        (mærker("Testa Prøvesen", "", "Allé 7"), mærker("Zxq Prøvesen", "", "Allé 7")),
        (mærker("Testa Prøvesen", født=FØDT), mærker("Testa Prøvesen", født=ANDEN)),
        (mærker("Testa P", "+4520121234", født=FØDT), mærker("Zxq O", "+4520121234", født=ANDEN)),
        (mærker("Testa Prøvesen", "+4520121234", "Allé 7"), mærker("Testa Prøvesen", "+4530303030", "Allé 9")),
        (mærker(""), mærker("")),
    ],
)
def test_and_these_do_not(en: Kendetegn, anden: Kendetegn) -> None:
    assert lighed(en, anden).point < SANDSYNLIG
    assert find_par({new_id(): en, new_id(): anden}) == {}


def invented(n: int, draw: random.Random) -> dict[uuid.UUID, Kendetegn]:
    """The marks of n invented residents, some of them mistyped."""
    made = {}
    for _ in range(n):
        _afdeling, vej, numre = draw.choice(VEJE)
        navn = f"{draw.choice(FORNAVNE)} {draw.choice(EFTERNAVNE)}"
        i = draw.randrange(len(navn))
        navn = navn[:i] + navn[i + 1 :] if draw.random() < 0.3 else navn
        telefon = f"+45{draw.randrange(n):08d}" if draw.random() < 0.7 else ""
        født = date(1980, 1, draw.randint(1, 28)) if draw.random() < 0.4 else None
        adresse = f"{vej} {draw.randint(1, numre)}, {draw.randint(1, 9)}. tv" if draw.random() < 0.8 else ""
        made[uuid.UUID(int=draw.getrandbits(128))] = mærker(navn, telefon, adresse, født)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_the_short_cut_finds_the_very_pairs_that_comparing_everybody_does(seed: int) -> None:
    poster = invented(300, random.Random(seed))
    plain = {parnøgle(a, b): lighed(poster[a], poster[b]) for a, b in combinations(poster, 2)}
    likely = {pair: alike for pair, alike in plain.items() if alike.point >= SANDSYNLIG}
    assert likely
    assert find_par(poster) == likely
    billede = Ligheder()
    for n, (id_, marks) in enumerate(poster.items()):
        billede.sæt(id_, marks)
        if n in {250, 260, 299}:
            billede = billede.kopi()
            billede.par()
    assert billede.par() == likely
    for id_ in list(poster)[:5]:
        billede.fjern(id_)
    gone = set(list(poster)[:5])
    assert billede.par() == {pair: alike for pair, alike in likely.items() if not gone & set(pair)}


def test_ten_times_the_residents_take_nothing_like_a_hundred_times_as_long() -> None:
    def seconds(n: int) -> float:
        """Of this thread's own work, however busy the machine is."""
        poster, took = invented(n, random.Random(1)), []
        for _ in range(3):
            started = time.thread_time()
            find_par(poster)
            took.append(time.thread_time() - started)
        return min(took)

    assert seconds(10_000) < 60 * seconds(1_000)


@pytest.fixture
def tre(db: Session) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """Two residents who look alike, and one with the phone of the first."""
    made = (
        opret_beboer(db, BeboerData(navn="Testa Prøvesen", telefon="+4520121234", adresse="Allé 7")).id,
        opret_beboer(db, BeboerData(navn="Tesra Prøvesen", adresse="Allé 7")).id,
        opret_beboer(db, BeboerData(navn="Zxq Opdigtet", telefon="+4520121234")).id,
    )
    db.commit()
    return made


def test_the_list_has_the_likeliest_first_with_its_reason_and_follows_every_change(
    db: Session, tre: tuple[uuid.UUID, uuid.UUID, uuid.UUID]
) -> None:
    a, b, c = tre
    par, sider = dubletter(db, 1)
    assert (sider, [p.grund for p in par]) == (1, ["næsten samme navn, samme adresse", "samme telefon"])
    assert {par[0].en.id, par[0].anden.id} == {a, b}
    assert [i for i, _grund in ligner(db, a)] == [b, c]
    shown = db.exec(select(Spor).where(Spor.anledning == "mulige dubletter")).one()
    assert set(shown.beboere) == set(map(str, tre))
    db.commit()
    ret_beboer(db, c, BeboerData(navn="Zxq Opdigtet"), 1)
    assert antal_dubletter(db) == 1
    slet_beboer(db, b, Slettegrund.FEJL)
    assert antal_dubletter(db) == 0
    db.rollback()
    assert antal_dubletter(db) == 2
    assert dubletter(db, 2) == ([], 1)


def test_two_who_are_two_do_not_come_again_and_no_column_says_who_they_are(
    db: Session, kontekst: Nøglekontekst, personale: Personale, tre: tuple[uuid.UUID, uuid.UUID, uuid.UUID]
) -> None:
    a, b, _c = tre
    ikke_den_samme(db, b, a)
    ikke_den_samme(db, a, b)
    db.commit()
    assert [p.grund for p in dubletter(db, 1)[0]] == ["samme telefon"]
    assert {p.en.id for p in dubletter(db, 1, afviste=True)[0]} < {a, b}
    row = db.exec(select(IkkeSamme)).one()
    assert set(row.model_dump()) == {"mærke", "helhedsplan_id"}
    assert not any(part in row.mærke for i in (a, b) for part in (i.bytes[:4], i.bytes[4:8]))
    told = db.exec(select(Spor).where(Spor.genstand == "ikke_samme")).all()
    assert [(t.handling, t.anledning, t.beboere) for t in told] == 2 * [
        (Handling.ÆNDRET, "ikke den samme", sorted(map(str, (a, b))))
    ]
    db.commit()
    me = personale.aktør(Rolle.BEBOERRÅDGIVER)
    with kontekst.session(Aktør(me.bruger_id, me.rolle, uuid.uuid4(), me.åbner)) as other:
        assert dubletter(other, 1) == ([], 0)
        for act in (ikke_den_samme, måske_den_samme):
            with pytest.raises(IkkeFundet):
                act(other, a, b)
    måske_den_samme(db, a, b)
    måske_den_samme(db, a, b)
    assert antal_dubletter(db) == 2


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_pages_ask_while_typing_list_the_pairs_and_take_the_answer(
    klient: KlientFor, tre: tuple[uuid.UUID, uuid.UUID, uuid.UUID]
) -> None:
    a, b, c = tre
    rådgiver = klient(Rolle.BEBOERRÅDGIVER)
    for typed, hits in (
        ({"navn": "Teste Prøvesen"}, {a}),
        ({"navn": "Nogen", "telefon": "20 12 12 34"}, {a, c}),
        ({"navn": "Testa", "adresse": "alle 7", "telefon": "201"}, {a, b}),
        ({"navn": "", "telefon": "2012"}, set()),
        ({"navn": "Testa Prøvesen 010180-1234"}, set()),
        ({"fødselsdato": "1980-05-01"}, set()),
    ):
        svar = rådgiver.send("/beboere/ligner", typed)
        assert svar.status_code == 200
        assert {uuid.UUID(i) for i in re.findall(r'href="/beboere/([0-9a-f-]{36})"', svar.text)} == hits, typed
    assert "data-ligner-id" not in rådgiver.send("/beboere/ligner", {"navn": "Testa Prøvesen"}).text
    assert "data-ligner-id" in rådgiver.send("/beboere/ligner", {"navn": "Testa Prøvesen", "vælg": "1"}).text
    assert rådgiver.get("/beboere/ligner").status_code == 405
    assert 'data-ligner="/beboere/ligner"' in rådgiver.get("/beboere/ny").text
    assert 'data-ligner-vælger="beboer_søg"' in rådgiver.get("/kontakter/ny").text
    again = rådgiver.send("/beboere/ny", {"navn": "Testa Prövesen", "telefon": "30 30 30 30", "adresse": "Vej 1"})
    assert (again.status_code, "Er det en af disse?" in again.text) == (422, True)
    assert "2 par beboere ligner hinanden" in rådgiver.get("/beboere").text
    side = rådgiver.get("/beboere/dubletter").text
    assert "Næsten samme navn, samme adresse" in side
    assert len(re.findall(r'href="/beboere/[0-9a-f-]{36}/sammenlæg/[0-9a-f-]{36}"', side)) == 2
    for bad in ({}, {"en": str(a)}, {"en": str(a), "anden": str(a)}, {"en": "x", "anden": str(b)}):
        assert rådgiver.send("/beboere/dubletter/ikke-samme", bad).status_code == 422
    assert rådgiver.send("/beboere/dubletter/ikke-samme", {"en": str(a), "anden": str(new_id())}).status_code == 404
    for x, y in ((a, b), (a, c)):
        assert rådgiver.send("/beboere/dubletter/ikke-samme", {"en": str(x), "anden": str(y)}).status_code == 303
    assert "Ingen mulige dubletter" in rådgiver.get("/beboere/dubletter").text
    assert "ligner hinanden" not in rådgiver.get("/beboere").text
    assert "Måske den samme" in rådgiver.get("/beboere/dubletter?vis=to").text
    assert "Siden er tom" in rådgiver.get("/beboere/dubletter?side=9").text
    assert rådgiver.send("/beboere/dubletter/måske-samme", {"en": str(a), "anden": str(b)}).status_code == 303
    assert "Næsten samme navn" in rådgiver.get("/beboere/dubletter").text
    for rolle in (Rolle.EJENDOMSDRIFT, Rolle.INKASSO, Rolle.LEDER, Rolle.DATABESKYTTELSE):
        assert klient(rolle).get("/beboere/dubletter").status_code == 403
