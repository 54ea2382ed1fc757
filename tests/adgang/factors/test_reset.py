"""What is lost is reset by databeskyttelse, and nothing from before is worth anything after."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlmodel import select

from rådgivning.adgang.factors import faktorer, nulstil
from rådgivning.adgang.models import (
    Bruger,
    BrugerFaktor,
    Genoprettelseskode,
)
from rådgivning.adgang.permissions import Rolle
from rådgivning.beskeder.kinds import Slags
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor
from rådgivning.spor.trail import Aktør
from tests.adgang.factors.cases import (
    NAVN,
    ROLLE,
    Klienter,
    beskeder,
    er_inde,
    gå,
    med_app,
    med_koder,
    sqlite,
)
from tests.conftest import Personale


@sqlite
def test_databeskyttelse_resets_what_is_lost_and_the_old_password_is_worth_nothing_after(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    paper = med_koder(kontekst, bruger)[0]
    hers, dpo = klient(ROLLE), klient(Rolle.DATABESKYTTELSE)
    assert "Nulstil login i to trin" in dpo.get(f"/brugere/{bruger.id}").text
    gå(timedelta(minutes=16))
    assert dpo.send(f"/brugere/{bruger.id}/nulstil-to-trin").status_code == 403
    gå(timedelta())
    page = dpo.send(f"/brugere/{bruger.id}/nulstil-to-trin").text
    engangskode = re.search(r"<dd>([a-z2-9-]{19})</dd>", page)
    assert engangskode is not None
    assert not er_inde(hers)
    assert klient(None).log_ind(NAVN).status_code == 422
    new = klient(None)
    assert new.log_ind(NAVN, engangskode[1]).location == "/"
    assert new.get("/beboere").location == "/kodeord"
    assert new.send("/log-ind/kode", {"kode": paper}).location.startswith("/log-ind")
    assert beskeder(kontekst, Slags.ADGANG_ÆNDRET) == 1
    with kontekst.session(Aktør()) as session:
        assert faktorer(session, bruger.id) == []
        entries = session.exec(select(Spor).where(Spor.anledning == "login i to trin nulstillet")).all()
        assert [e.detaljer["fjernet"] for e in entries] == [1]


@sqlite
def test_nobody_resets_her_own_or_anothers_without_the_right(
    klient: Klienter, bruger: Bruger, personale: Personale
) -> None:
    dpo = klient(Rolle.DATABESKYTTELSE)
    assert dpo.send(f"/brugere/{personale.brugere[Rolle.DATABESKYTTELSE].id}/nulstil-to-trin").status_code == 409
    for rolle in Rolle:
        if rolle is not Rolle.DATABESKYTTELSE:
            assert klient(rolle).send(f"/brugere/{bruger.id}/nulstil-to-trin").status_code == 403


@sqlite
def test_a_reset_forgets_everything_of_the_user_and_nothing_of_others(
    kontekst: Nøglekontekst, bruger: Bruger, personale: Personale, settings: Settings
) -> None:
    other = personale.brugere[Rolle.INKASSO]
    med_app(kontekst, other)
    med_koder(kontekst, other)
    med_koder(kontekst, bruger)
    with kontekst.session(Aktør()) as session:
        session.info["settings"] = settings
        assert nulstil(session, session.get_one(Bruger, bruger.id)) == 1
        session.commit()
        left = [*session.exec(select(BrugerFaktor.bruger_id)), *session.exec(select(Genoprettelseskode.bruger_id))]
        assert left == [other.id] * 11


@sqlite
def test_a_user_is_told_when_her_password_or_her_address_is_changed(
    klient: Klienter, bruger: Bruger, kontekst: Nøglekontekst
) -> None:
    dpo, side = klient(Rolle.DATABESKYTTELSE), f"/brugere/{bruger.id}"
    for told, (sti, data) in enumerate(
        [("email", {"email": "ny@example.dk"}), ("email", {"email": ""}), ("nyt-kodeord", {})], start=1
    ):
        assert dpo.send(f"{side}/{sti}", data).status_code in {200, 303}
        assert beskeder(kontekst, Slags.ADGANG_ÆNDRET) == told
    assert dpo.send(f"{side}/email", {"email": ""}).status_code == 303
    assert beskeder(kontekst, Slags.ADGANG_ÆNDRET) == 3, "nothing was changed"
