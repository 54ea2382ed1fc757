"""A restricted resident (art. 18): no page of hers opens without a reason, and no list says what there is about her."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, url_for
from sqlmodel import Session, select

from rådgivning.adgang.permissions import RETTIGHEDER, Ret, Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.beboere.restriction import begræns
from rådgivning.database import now
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.opening import seal
from rådgivning.opgaver.tasks import opret_opgave
from rådgivning.restancer.attempts import tilføj_forsøg
from rådgivning.restancer.cases import opret_sag
from rådgivning.restancer.models import Hændelse, Kontaktforsøg, RestancesagData
from rådgivning.samtykker.consents import giv
from rådgivning.samtykker.models import SamtykkeData
from rådgivning.spor.models import Handling, Spor
from tests.conftest import IDAG, Klient, Personale, opret_testbruger

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
KlientFor = Callable[[Rolle | None], Klient]
MÆRKE = "Zxqbegrænset"
"""Stands in everything that is sealed about her, and nowhere else."""
LISTER = ("/", "/beboere", "/beboere?vis=alle", "/beboere/dubletter", "/kontakter?periode=alle",
          "/kontakter?periode=alle&art=en_til_en", "/opgaver?hvem=alle", "/henvisninger", "/restancer", "/samtykker",
          "/beboere/slettes-snart", "/overdragelser", "/nødadgang")  # fmt: skip
SIGER_DET = ("/", "/beboere?vis=alle", "/kontakter?periode=alle", "/opgaver?hvem=alle", "/henvisninger", "/restancer",
             "/samtykker")  # fmt: skip
UDEN_HENDES = {"anden_id", "merge_id", "liste_id", "sag_id", "tabel", "adgang_id", "overdragelse_id", "anmodning_id",
               "organisation"}  # fmt: skip
"""Arguments of pages that are about no resident, or about her beside something else."""
TOMME = {"opgaver.ny", "henvisninger.afslut", "henvisninger.ny_opgave", "restancer.slet", "restancer.ny_hændelse",
         "restancer.luk", "restancer.ny_opgave", "restancer.nyt_forsøg",
         "databeskyttelse.beboers_anmodning"}  # fmt: skip
"""Forms that open nothing: what is sent is refused, or, as a request of hers, taken."""
ÅBNE = {"samtykker.træk_tilbage"}
"""A consent is withdrawn as easily as it was given (art. 7(3)), by whomever she says it to."""
SKRIVER = {"samtykker.ny", "databeskyttelse.slet_beboer"}
"""Refused also to who has given a reason for reading: nothing is added, and nothing deleted."""
SPØRGER, VIDERE, LUKKET = "overblik.beboer", 303, 409


def _alt_om_hende(db: Session, personale: Personale) -> dict[str, dict[str, Any]]:
    """A restricted resident with one of everything; the URL arguments of each room."""
    mig = personale.brugere[Rolle.BEBOERRÅDGIVER].id
    hun = opret_beboer(db, BeboerData(navn=MÆRKE, telefon="+4520121234", adresse=MÆRKE, afdeling="aab55")).id
    kontakt = log_kontakt(
        db,
        KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld", notat=MÆRKE),
        dato=IDAG,
        beboer_id=hun,
    ).id
    opgave = opret_opgave(db, titel=MÆRKE, frist=IDAG, beboer_id=hun).id
    sagt = SamtykkeData(formål="Afdrag", hvad=MÆRKE, modtagere=["kommune"], måde="mundtligt", givet=IDAG)
    samtykke = giv(db, hun, sagt, til=IDAG).id
    hændelse = Hændelse(fase="forfalden", dato=IDAG)
    data = RestancesagData(navn=MÆRKE, lejemål="55-0001", afdeling="aab55", note=MÆRKE, hændelser=[hændelse])
    sag = opret_sag(db, data, boligorganisation="aab", beboer_id=hun).id
    forsøg = Kontaktforsøg(måde="telefon", dato=IDAG, note=MÆRKE)
    tilføj_forsøg(db, sag, forsøg)
    henvisning = Henvisning(helhedsplan_id=personale.helhedsplan.id, oprettet=now(), status="taget_op", rådgiver_id=mig,
                            ejer_id=personale.brugere[Rolle.EJENDOMSDRIFT].id, beboer_id=hun,
                            boligorganisation="aab")  # fmt: skip
    seal(db, henvisning, HenvisningData(navn=MÆRKE, beskrivelse=MÆRKE, afdeling="aab55", grund="restance"))
    db.add(henvisning)
    db.flush()
    made = {
        "beboere": {"id": hun},
        "kontakter": {"id": kontakt},
        "opgaver": {"id": opgave},
        "samtykker": {"id": samtykke},
        "henvisninger": {"id": henvisning.id},
        "databeskyttelse": {},
        "restancer": {"id": sag, "trin": hændelse.id, "nr": forsøg.id},
    }
    made["overblik"] = made["beboere"]
    begræns(db, hun)
    db.commit()
    return {room: {**values, "beboer_id": hun} for room, values in made.items()} | {
        "databeskyttelse": {"beboer_id": hun}
    }


def _sider(app: Flask, om: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Every page a beboerrådgiver opens by something of hers, by endpoint."""
    found = {}
    for rule in app.url_map.iter_rules():
        room, may = rule.endpoint.partition(".")[0], getattr(app.view_functions[rule.endpoint], "__ret__", set[Ret]())
        if room not in om or not rule.arguments or "GET" not in (rule.methods or ()):
            continue
        if not may & RETTIGHEDER[Rolle.BEBOERRÅDGIVER] or rule.arguments & UDEN_HENDES:
            continue
        with app.test_request_context():
            found[rule.endpoint] = url_for(rule.endpoint, **{name: om[room][name] for name in rule.arguments})
    return found


def test_no_page_of_hers_opens_without_a_reason_and_none_for_a_colleague(
    app: Flask, klient: KlientFor, db: Session, personale: Personale
) -> None:
    om = _alt_om_hende(db, personale)
    kollega = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
    db.expire_on_commit = False
    db.commit()
    sider = _sider(app, om)
    sider["indkald"] = f"/restancer/indkald?sag={om['restancer']['id']}"
    egen, anden = klient(Rolle.BEBOERRÅDGIVER), klient(None)
    anden.sign_in(kollega)
    lukkede = {endpoint for endpoint, url in sider.items() if egen.get(url).status_code == LUKKET}
    assert sider.keys() - lukkede - TOMME == ÅBNE | {SPØRGER} | _videre(egen, sider)
    for endpoint, url in sider.items():
        svar = egen.get(url), anden.get(url)
        assert {MÆRKE in s.text for s in svar} == {endpoint in ÅBNE}, endpoint
        assert endpoint not in lukkede or svar[1].status_code in {403, LUKKET}, endpoint
    lukket = egen.get(sider["restancer.vis"])
    assert "<title>Behandlingen er begrænset" in lukket.text
    assert f'href="{sider[SPØRGER]}"' in lukket.text
    assert "behandlingen er begrænset" in db.exec(select(Spor.anledning).where(Spor.handling == Handling.AFVIST)).all()
    db.rollback()
    egen.send(f"{sider[SPØRGER]}/læs-begrænset", {"grund": "retskrav"})
    assert {endpoint for endpoint in lukkede if egen.get(sider[endpoint]).status_code != 200} == SKRIVER
    assert all(MÆRKE in egen.get(sider[endpoint]).text for endpoint in ("restancer.vis", "henvisninger.vis", "indkald"))
    assert {MÆRKE in anden.get(sider[endpoint]).text for endpoint in lukkede} == {False}


def _videre(klient: Klient, sider: dict[str, str]) -> set[str]:
    """The pages that send her on to another one."""
    return {endpoint for endpoint, url in sider.items() if klient.get(url).status_code == VIDERE}


def test_every_list_says_that_there_is_something_about_her_and_not_what(
    klient: KlientFor, db: Session, personale: Personale
) -> None:
    om = _alt_om_hende(db, personale)
    egen = klient(Rolle.BEBOERRÅDGIVER)
    for liste in LISTER:
        svar = egen.get(liste)
        assert (svar.status_code, MÆRKE in svar.text, "Slettet" in svar.text) == (200, False, False), liste
        assert liste not in SIGER_DET or "Behandlingen er begrænset" in svar.text, liste
    assert "Fjern fra listen" not in egen.get("/opgaver?hvem=alle").text
    found = egen.send("/beboere", {"q": MÆRKE})
    assert f"/beboere/{om['beboere']['id']}" in found.text
    several = [om["restancer"]["id"], opret_sag(db, RestancesagData(navn="Testa"), boligorganisation="aab").id]
    db.commit()
    letters = egen.get(f"/restancer/indkald?sag={several[0]}&sag={several[1]}")
    assert (letters.status_code, MÆRKE in letters.text) == (200, False)
    assert "1 sag er udeladt, fordi behandlingen af beboerens oplysninger er begrænset." in letters.text


def test_what_was_typed_about_her_is_refused_and_kept(klient: KlientFor, db: Session, personale: Personale) -> None:
    om = _alt_om_hende(db, personale)
    url = f"/opgaver/ny/{om['beboere']['id']}"
    egen = klient(Rolle.BEBOERRÅDGIVER)
    svar = egen.send(url, {"titel": "Zxqskrevet", "frist": IDAG.isoformat()})
    assert (svar.status_code, "Det, du skrev, er gemt" in svar.text) == (LUKKET, True)
    assert "Zxqskrevet" in egen.get(url).text
