"""A curious colleague follows every link there is from every list: nowhere does a word of what is covered stand."""

from __future__ import annotations

import html
import re
import uuid
from collections import Counter
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from sqlmodel import Session

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id, now
from rådgivning.henvisninger.intake import afslut
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kontakter.log import log_kontakt, ret_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.opening import seal
from rådgivning.opgaver.tasks import opret_opgave, udfør
from rådgivning.overblik.merging import slå_sammen
from rådgivning.restancer.attempts import tilføj_forsøg
from rådgivning.restancer.cases import opret_sag
from rådgivning.restancer.models import Hændelse, Kontaktforsøg, RestancesagData
from rådgivning.samtykker.consents import giv, træk_tilbage
from rådgivning.samtykker.models import SamtykkeData
from tests.conftest import IDAG, Klient, Personale, opret_testbruger

pytestmark = pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
DÆKKET = "Zxqfortroligt"
"""Stands in every part that is the owner's alone, and nowhere else."""
LISTER = ("/", "/beboere", "/beboere?vis=alle", "/beboere/dubletter", "/kontakter?periode=alle", "/opgaver?hvem=alle",
          "/opgaver?hvem=alle&vis=udført", "/henvisninger", "/restancer", "/samtykker", "/samtykker?vis=ophørte",
          "/beboere/slettes-snart", "/nødadgang", "/overdragelser", "/kalender")  # fmt: skip
AF_HVER = 6


def _everything(db: Session, personale: Personale) -> uuid.UUID:
    """A resident with all that can be covered about her, and the same about nobody; gives her id."""
    mig, plan_id = personale.brugere[Rolle.BEBOERRÅDGIVER].id, personale.helhedsplan.id
    stamdata = BeboerData(navn="Testa Opdigtet", telefon="+4520121234", afdeling="aab55", note=DÆKKET)
    kontakt = KontaktData(art="en_til_en", afdeling="aab55", hovedemne="gæld", udfald="råd_givet", notat=DÆKKET,
                          tredjepart=DÆKKET)  # fmt: skip
    sag = RestancesagData(navn="Testa", lejemål="55-0001", afdeling="aab55", note=DÆKKET,
                          hændelser=[Hændelse(fase="forfalden", dato=IDAG)])  # fmt: skip
    hun, samme = (opret_beboer(db, stamdata).id for _ in range(2))
    opret_beboer(db, stamdata)
    for om in (hun, samme, None):
        made = log_kontakt(db, kontakt, dato=IDAG, beboer_id=om)
        ret_kontakt(db, made.id, kontakt.model_copy(update={"notat": DÆKKET * 2}), dato=IDAG, beboer_id=om, version=1)
        for n in range(2):
            opgave = opret_opgave(db, titel="Ring", frist=IDAG, note=DÆKKET, beboer_id=om)
            if n:
                udfør(db, opgave.id)
        tilføj_forsøg(
            db,
            opret_sag(db, sag, boligorganisation="aab", beboer_id=om).id,
            Kontaktforsøg(måde="telefon", dato=IDAG, note=DÆKKET),
        )
        row = Henvisning(helhedsplan_id=plan_id, ejer_id=personale.brugere[Rolle.EJENDOMSDRIFT].id, oprettet=now(),
                         status="taget_op", rådgiver_id=mig, beboer_id=om, boligorganisation="aab")  # fmt: skip
        seal(db, row, HenvisningData(navn="Testa", beskrivelse=DÆKKET, afdeling="aab55", grund="restance"))
        db.add(row)
        db.flush()
        afslut(db, row.id, udfald="råd_givet", note=DÆKKET)
    for n in range(2):
        ord_ = SamtykkeData(formål="Afdrag", modtagere=["kommune"], måde="mundtligt", givet=IDAG, ordlyd=DÆKKET)
        samtykke = giv(db, hun, ord_, til=IDAG)
        if n:
            træk_tilbage(db, samtykke.id, virkning=DÆKKET)
    slå_sammen(db, new_id(), beholdt_id=hun, udgået_id=samme, valg={}, versioner=(1, 1))
    db.commit()
    return hun


def _kind(path: str) -> str:
    """A page without its numbers and its query."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", unquote(path)).partition("?")[0]


def _found(browser: Klient) -> tuple[set[str], Counter[str]]:
    """The kinds of pages that show a word of it, following links from the lists; and how many of each were opened."""
    waiting, seen, found, opened = list(LISTER), set(LISTER), set[str](), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        if opened[_kind(path)] >= AF_HVER:
            continue
        answer = browser.get(path)
        opened[_kind(path)] += 1
        assert answer.status_code < 500, path
        if DÆKKET in answer.text:
            found.add(_kind(path))
        for link in [*re.findall(r'href="(/[^"#]*)', answer.text), answer.headers.get("Location", "")]:
            target = html.unescape(link)
            if target.startswith("/") and target not in seen and "hent" not in target and "/static" not in target:
                seen.add(target)
                waiting.append(target)
    return found, opened


def test_a_colleague_who_follows_every_link_reads_no_word_of_what_is_covered(
    db: Session, personale: Personale, klient: Callable[[Rolle | None], Klient]
) -> None:
    hun = _everything(db, personale)
    kollega: Bruger = opret_testbruger(db, personale.helhedsplan, Rolle.BEBOERRÅDGIVER, "kollega")
    db.expire_on_commit = False
    db.commit()
    nysgerrig = klient(None)
    nysgerrig.sign_in(kollega)
    found, opened = _found(nysgerrig)
    assert found == set()
    assert {"/beboere/…", "/kontakter/…", "/henvisninger/…", "/restancer/…", "/samtykker/…"} <= opened.keys()
    assert "Testa Opdigtet" in nysgerrig.get(f"/beboere/{hun}").text
    mine, _opened = _found(klient(Rolle.BEBOERRÅDGIVER))
    assert {"/beboere/…", "/kontakter/…", "/opgaver/…/ret", "/henvisninger/…", "/restancer/…", "/samtykker/…"} <= mine
