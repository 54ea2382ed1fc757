"""What is left of an erased resident leads back to no number of hers, whoever has the keyring."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlmodel import Session, select

from rådgivning.adgang.permissions import systemet
from rådgivning.beboere.households import opret_lejemål, sagens_lejemål
from rådgivning.beboere.models import Beboer, BeboerData, LejemålData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id
from rådgivning.databeskyttelse.erasure import slet_person
from rådgivning.databeskyttelse.receipts import ANMODNING
from rådgivning.fakta.freezing import opdatér
from rådgivning.fakta.models import Faktum, FrossetFaktum
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.opening import is_readable
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.overblik import merging
from rådgivning.restancer.cases import knyt_beboer, luk_sag, opret_sag
from rådgivning.restancer.models import Hændelse, Restancesag, RestancesagData
from tests.conftest import Personale

HUN = BeboerData(navn="Zxq Prøvesen", telefon="+4520121234", adresse="Opdigtet Allé 7")
SEPTEMBER = date(2026, 9, 3)
SAMTALE = KontaktData(art="en_til_en", aktivitet="beboerrådgivning", afdeling="aab55", hovedemne="gæld")


def sag(db: Session) -> uuid.UUID:
    """A case about somebody of her name, linked to nobody, and ended."""
    data = RestancesagData(navn=HUN.navn, telefon=HUN.telefon, adresse=HUN.adresse, afdeling="aab55",
                           hændelser=[Hændelse(fase="påkrav", dato=SEPTEMBER)])  # fmt: skip
    made = opret_sag(db, data, boligorganisation="aab").id
    luk_sag(db, made, udfald="betalt", dato=SEPTEMBER, kilde="aab", hændelse_id=new_id())
    return made


def mærker(session: Session) -> list[list[tuple[str, bytes]]]:
    """What bears which pseudonym, live and frozen."""
    return [
        sorted((f.enhed, f.pseudonym or b"") for f in session.exec(select(t)).all()) for t in (Faktum, FrossetFaktum)
    ]


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_no_fact_leads_back_to_her_to_who_was_merged_into_her_or_to_a_case_of_hers(
    db: Session, kontekst: Nøglekontekst, personale: Personale
) -> None:
    a, b, c = (opret_beboer(db, HUN).id for _ in range(3))
    for person in (a, b, c):
        log_kontakt(db, SAMTALE, dato=SEPTEMBER, beboer_id=person)
    løs, knyttet = sag(db), sag(db)
    opret_lejemål(
        db, LejemålData(nummer="55-1", boligorganisation="aab", afdeling="aab55", sager=[løs], adresse="Vej 1")
    )
    db.commit()
    opdatér(db, personale.helhedsplan.id, ["2026-09"], "2026-11", lukkes_før="2026-11")
    db.commit()
    knyt_beboer(db, knyttet, beboer_id=a)
    db.commit()
    for beholdt, udgået in ((b, c), (a, b)):
        version = (db.get_one(Beboer, beholdt).version, db.get_one(Beboer, udgået).version)
        merging.slå_sammen(db, new_id(), beholdt_id=beholdt, udgået_id=udgået, valg={}, versioner=version)
        db.commit()
    before = mærker(db)
    db.rollback()
    with kontekst.session(systemet(personale.helhedsplan.id)) as session:
        slet_person(session, a, ANMODNING, af=None)
        session.commit()
        assert not is_readable(session, session.get_one(Restancesag, løs))
        assert sagens_lejemål(session, løs) is None
        after = mærker(session)
        hers = {pseudonym(session, who, 2026) for who in (a, b, c, løs, knyttet)}
    for was, now in zip(before, after, strict=True):
        assert [what for what, _code in now] == [what for what, _code in was]
        assert len({code for _what, code in now}) == len({code for _what, code in was})
        assert not hers & {code for _what, code in now}
    assert hers >= {code for _what, code in before[1]}, "every frozen fact was hers"
