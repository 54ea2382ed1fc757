"""One object of every kind a URL can name, made straight in the database, for any owner in any helhedsplan.

A room whose URLs take an id stands in OBJEKTER with every argument its URLs take; the matrix fails for one that does
not. What is personal in an object holds MÆRKE, so that the matrix can see whether it was shown.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from rådgivning.adgang.models import (
    Bruger,
    BrugerFaktor,
    BrugerSession,
    Enhed,
    Nødadgang,
    NødadgangData,
    Rettighedsgennemgang,
    Vikar,
)
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import start_session, token_hash
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beskeder.kinds import Slags
from rådgivning.beskeder.models import Besked
from rådgivning.database import new_id, now, today
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Kvittering
from rådgivning.henvisninger.models import Henvisning, HenvisningData
from rådgivning.kalender.models import Aftale, AftaleData, AftaleNote, AftaleNoteData, Kalenderfeed
from rådgivning.kalender.states import side
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.nøgler.opening import SealedRow, seal
from rådgivning.opgaver.models import Opgave, OpgaveData
from rådgivning.overblik.models import Overdragelse, Sammenlægning, SammenlægningData
from rådgivning.plan.models import Helhedsplan, Måling
from rådgivning.rapporter.models import FærdigRapport
from rådgivning.rapporter.templates import PRØVE
from rådgivning.restancer.models import (
    Hændelse,
    Kontaktforsøg,
    ListeData,
    Listesag,
    Restanceliste,
    Restancesag,
    RestancesagData,
)
from rådgivning.samtykker.models import Samtykke, SamtykkeData
from rådgivning.settings import Settings
from rådgivning.statistik.models import EgenTabel, Udgivelse
from rådgivning.sundhedstjek.models import Sundhedstjek
from tests.conftest import opret_testbruger

MÆRKE = "Zxqmatrix"


@dataclass(frozen=True)
class Genstand:
    """The values of a room's URL arguments, and the table that says (in ÅBNER) whether a role sees all or own rows."""

    argumenter: dict[str, Any]
    tabel: str = ""


@dataclass(frozen=True)
class Sted:
    """Where an object is made: the Session, its settings, and whose it is."""

    session: Session
    settings: Settings
    plan: Helhedsplan
    ejer: Bruger

    def row(self, row: SealedRow, value: Any) -> uuid.UUID:
        """Seal and add a row; returns its id."""
        seal(self.session, row, value)
        self.session.add(row)
        self.session.flush()
        return row.id

    @property
    def fælles(self) -> dict[str, Any]:
        """What every casework row has."""
        return {"helhedsplan_id": self.plan.id, "ejer_id": self.ejer.id}


def _beboer(sted: Sted) -> Genstand:
    row = Beboer(**sted.fælles, oprettet=today())
    return Genstand({"id": sted.row(row, BeboerData(navn=f"{MÆRKE} Prøvesen", note=MÆRKE))}, "beboer")


def _nødadgang(sted: Sted) -> Genstand:
    """One that its owner has, to a resident of a user nobody else is."""
    kollega = opret_testbruger(sted.session, sted.plan, Rolle.BEBOERRÅDGIVER, f"nød-{new_id()}")
    sted.session.flush()
    beboer = _beboer(Sted(sted.session, sted.settings, sted.plan, kollega)).argumenter["id"]
    row = Nødadgang(
        helhedsplan_id=sted.plan.id,
        bruger_id=sted.ejer.id,
        beboer_id=beboer,
        kollega_id=kollega.id,
        årsag="akut",
        fra=now(),
        til=now() + timedelta(days=1),
    )
    return Genstand({"id": sted.row(row, NødadgangData(begrundelse="Haster"))}, "nødadgang")


def _vikar(sted: Sted) -> Genstand:
    kollega = opret_testbruger(sted.session, sted.plan, Rolle.BEBOERRÅDGIVER, f"vikar-{new_id()}")
    sted.session.flush()
    row = Vikar(helhedsplan_id=sted.plan.id, for_id=sted.ejer.id, vikar_id=kollega.id, fra=today(), til=today(),
                navngivet_af=sted.ejer.id, oprettet=now())  # fmt: skip
    sted.session.add(row)
    sted.session.flush()
    return Genstand({"id": row.id}, "vikar")


def _overdragelse(sted: Sted) -> Genstand:
    """One that its owner has received a moment ago."""
    kollega = opret_testbruger(sted.session, sted.plan, Rolle.BEBOERRÅDGIVER, f"giver-{new_id()}")
    sted.session.flush()
    row = Overdragelse(helhedsplan_id=sted.plan.id, fra_id=kollega.id, til_id=sted.ejer.id, af_id=kollega.id,
                       grund="ønske", tidspunkt=now(), rækker={})  # fmt: skip
    sted.session.add(row)
    sted.session.flush()
    return Genstand({"id": row.id}, "overdragelse")


def _gennemgang(sted: Sted) -> Genstand:
    row = sted.session.exec(
        select(Rettighedsgennemgang).where(Rettighedsgennemgang.helhedsplan_id == sted.plan.id)
    ).first() or Rettighedsgennemgang(helhedsplan_id=sted.plan.id, kvartal="2026-3", begyndt=now())
    sted.session.add(row)
    sted.session.flush()
    return Genstand({"id": row.id})


def _to_beboere(sted: Sted) -> Genstand:
    """A resident, another, and a merge into the first."""
    one, other = (_beboer(sted).argumenter["id"] for _ in range(2))
    merge = Sammenlægning(**sted.fælles, beholdt_id=one, udgået_id=new_id(), dato=today(), nr=1)
    made = sted.row(merge, SammenlægningData(udgået=BeboerData(navn=MÆRKE)))
    return Genstand({"id": one, "anden_id": other, "merge_id": made}, "beboer")


def _kontakt(sted: Sted) -> Genstand:
    row = Kontakt(**sted.fælles, dato=today(), oprettet=now())
    return Genstand({"id": sted.row(row, KontaktData(art="rådgivning", notat=MÆRKE))}, "kontakt")


def _samtykke(sted: Sted) -> Genstand:
    beboer_id = _beboer(sted).argumenter["id"]
    row = Samtykke(**sted.fælles, beboer_id=beboer_id, til=today(), deler_restance=True)
    return Genstand({"id": sted.row(row, SamtykkeData(formål=MÆRKE, modtagere=["opkrævning"]))}, "samtykke")


def _opgave(sted: Sted) -> Genstand:
    row = Opgave(**sted.fælles, frist=today())
    return Genstand({"id": sted.row(row, OpgaveData(titel=MÆRKE))}, "opgave")


def _aftale(sted: Sted) -> Genstand:
    """A booking, and the token of a feed, which is nobody's but who has it: its user is made for it."""
    row = Aftale(**sted.fælles, boligorganisation="aab", dato=today())
    asked = side(sted.ejer.rolle)
    made = sted.row(row, AftaleData(art="indflytningssyn", afdeling="aab55", adresse=MÆRKE, afventer=asked))
    sted.row(AftaleNote(id=made, helhedsplan_id=sted.plan.id), AftaleNoteData(note="besked"))
    bruger = opret_testbruger(sted.session, sted.plan, Rolle.BEBOERRÅDGIVER, f"feed-{new_id()}")
    sted.session.flush()
    token = f"{MÆRKE}-{made}"
    sted.session.add(Kalenderfeed(token_hash=token_hash(token), bruger_id=bruger.id, oprettet=now()))
    return Genstand({"id": made, "token": token}, "aftale")


def _henvisning(sted: Sted) -> Genstand:
    row = Henvisning(**sted.fælles, boligorganisation="aab", oprettet=now(), hast="normal")
    data = HenvisningData(navn=f"{MÆRKE} Prøvesen", grund="restance", beskrivelse=MÆRKE, afdeling="aab55")
    return Genstand({"id": sted.row(row, data)}, "henvisning")


def _restanceliste(sted: Sted, sag_id: uuid.UUID) -> dict[str, Any]:
    row = Restanceliste(**sted.fælles, boligorganisation="aab", dato=today(), oprettet=now(), tilstand="færdig")
    liste_id = sted.row(row, ListeData(filnavn=MÆRKE))
    forslag = Listesag(helhedsplan_id=sted.plan.id, liste_id=liste_id, sag_id=sag_id, hvad="væk", forslag="åbent")
    sted.session.add(forslag)
    return {"liste_id": liste_id, "forslag_id": forslag.id}


def _restancesag(sted: Sted) -> Genstand:
    hændelse = Hændelse(fase="påkrav", dato=today(), af=sted.ejer.id)
    row = Restancesag(**sted.fælles, boligorganisation="aab", oprettet=today(), fase="påkrav")
    data = RestancesagData(navn=MÆRKE, afdeling="aab55", beløb=Decimal(1), hændelser=[hændelse], note=MÆRKE)
    data.forsøg = [Kontaktforsøg(måde="telefon", dato=today(), note=MÆRKE)]
    made = {
        "id": sted.row(row, data),
        "trin": hændelse.id,
        "nr": data.forsøg[0].id,
        "beboer_id": _beboer(sted).argumenter["id"],
    }
    return Genstand(made | _restanceliste(sted, made["id"]), "restancesag")


def _sundhedstjek(sted: Sted) -> Genstand:
    row = Sundhedstjek(**sted.fælles, dato=today(), sted="andet", tema="andet")
    sted.session.add(row)
    return Genstand({"id": row.id}, "sundhedstjek")


def _måling(sted: Sted) -> Genstand:
    indikator, values = next(iter(sted.plan.indhold["indikator"].items()))
    row = Måling(
        helhedsplan_id=sted.plan.id,
        indikator=indikator,
        år=2026,
        værdi=Decimal(5),
        enhed=values["enhed"],
        kilde=f"Prøve {new_id()}",
        oprettet=now(),
        ændret=now(),
    )
    sted.session.add(row)
    return Genstand({"id": row.id, "indikator": indikator}, "måling")


def _rapport(sted: Sted) -> Genstand:
    row = FærdigRapport(
        helhedsplan_id=sted.plan.id,
        slags="årsstatus",
        periode="2026",
        udgave=len(sted.session.exec(select(FærdigRapport.id)).all()) + 1,
        udgivelse_id=new_id(),
        udgivelse=1,
        tekster={},
        indhold=PRØVE.model_dump_json(),
        sha256="",
        færdig=now(),
        færdig_af=sted.ejer.id,
    )
    sted.session.add(row)
    return Genstand({"id": row.id}, "rapport")


def _bruger(sted: Sted) -> Genstand:
    bruger = opret_testbruger(sted.session, sted.plan, Rolle.EJENDOMSDRIFT, f"bruger-{new_id()}")
    sted.session.flush()
    signed_in = Sted(sted.session, sted.settings, sted.plan, bruger)
    made = {"id": bruger.id, "session_id": _session(signed_in).argumenter["session_id"]}
    return Genstand(made | _anmodning(sted), "bruger")


def _anmodning(sted: Sted) -> dict[str, Any]:
    """A resident's request, of whom it is not made sure yet that it is she who asks; and a receipt of an erasure."""
    beboer_id = _beboer(sted).argumenter["id"]
    row = Anmodning(**sted.fælles, beboer_id=beboer_id, slags="indsigt", modtaget=today(), frist=today(), fundet=1)
    receipt = Kvittering(
        helhedsplan_id=sted.plan.id, nummer=f"SL-{new_id().hex[:8]}", årsag="anmodning", tidspunkt=now(), glemt=today()
    )
    sted.session.add(receipt)
    return {"anmodning_id": sted.row(row, AnmodningData(ønske="at se det hele")), "kvittering_id": receipt.id}


def _besked(sted: Sted) -> Genstand:
    row = Besked(helhedsplan_id=sted.plan.id, bruger_id=sted.ejer.id, slags=Slags.PRØVE, oprettet=now())
    sted.session.add(row)
    return Genstand({"id": row.id}, "besked")


def _session(sted: Sted) -> Genstand:
    """A session is its owner's alone, whatever her role, and so is a device."""
    sted.session.info["settings"] = sted.settings
    token = start_session(sted.session, sted.ejer, "Firefox på Linux")
    row = sted.session.exec(select(BrugerSession).where(BrugerSession.token_hash == token_hash(token))).one()
    hers = update(BrugerSession).where(col(BrugerSession.bruger_id) == sted.ejer.id)
    sted.session.execute(hers.values(bekræftet=now()))  # she has proved who she is: else another device is not approved
    device = Enhed(
        bruger_id=sted.ejer.id,
        mærke=new_id().bytes,
        beskrivelse="Firefox på Linux",
        oprettet=now(),
        sidst_brugt=now(),
    )
    # Two, so that one may be removed.
    keys = [
        BrugerFaktor(bruger_id=sted.ejer.id, slags="passkey", navn="Prøve", nøgle=b"", oprettet=now()) for _ in range(2)
    ]
    sted.session.add_all([device, *keys])
    return Genstand({"session_id": row.id, "enhed_id": device.id, "faktor_id": keys[0].id}, "brugersession")


def _udgivelse(sted: Sted) -> Genstand:
    """A release without a table, and a table of the leder's own."""
    row = Udgivelse(
        helhedsplan_id=sted.plan.id, nummer=new_id().int % 10**9, periode="2026", oprettet=now(),
        metode="controlled-rounding", nøgle_id="", mærke="",
        indhold='{"tables": [], "dims": {}, "known_rule": {"base": 5}}', sha256="",
        stande={}, revision={"tærskel": 5},
    )  # fmt: skip
    sted.session.add(row)
    own = EgenTabel(
        helhedsplan_id=sted.plan.id, titel="Prøve efter art", enhed="kontakter", dimensioner=["art"], oprettet=now()
    )
    sted.session.add(own)
    sted.session.flush()
    return Genstand({"id": row.id, "tabel_id": own.id})


OBJEKTER: dict[str, Callable[[Sted], Genstand]] = {
    "adgang": _session,
    "beboere": _beboer,
    "beskeder": _besked,
    "databeskyttelse": _bruger,
    "henvisninger": _henvisning,
    "kalender": _aftale,
    "kontakter": _kontakt,
    "opgaver": _opgave,
    "overblik": _to_beboere,
    "plan": _måling,
    "rapporter": _udgivelse,
    "restancer": _restancesag,
    "samtykker": _samtykke,
    "statistik": _udgivelse,
    "sundhedstjek": _sundhedstjek,
}
# Arguments that name the same kind of thing in every room.
OVERALT: dict[str, Callable[[Sted], Genstand]] = {
    "adgang_id": _nødadgang,
    "vikar_id": _vikar,
    "sag_id": _kontakt,
    "overdragelse_id": _overdragelse,
    "beboer_id": _beboer,
    "gennemgang_id": _gennemgang,
    "rapport_id": _rapport,
}
# Arguments that are no ids: any helhedsplan has them, and what they name is nobody's.
PLANDEL = {"nr": 1, "afsnit": "indikator", "del_": "isoleret"}
RAPPORT = {"slags": "årsstatus", "form": "csv"}
FASTE = {
    "tabel": "kontakt",
    "enhed": "kontakter",
    "periode": "2026",
    "sprog": "tr",
    "organisation": "aab",
    **PLANDEL,
    **RAPPORT,
}
FÆLLES = {"indikator", "token", *FASTE}
# Tables of which a beboerrådgiver knows only what she has part in, and databeskyttelse everything.
KUN_DELTAGERES = {"nødadgang", "vikar", "overdragelse"}
# Tables whose rows belong to one user, whatever her role; the others follow ÅBNER, or the helhedsplan.
KUN_EGNE = {"brugersession", "besked"}
# Here a colleague's row is refused with an explanation: its notes are covered, and could be lost or read.
KUN_HELE = {
    "beboere.ret",
    "kontakter.ret",
    "kontakter.slet",
    "opgaver.ret",
    "opgaver.slet",
    "overblik.sammenlæg",
    "restancer.ret",
    "restancer.slet",
    "databeskyttelse.behold",
    "databeskyttelse.slet_nu",
    "databeskyttelse.slet_beboer",
}
# What a route must be told in its query to have anything to do.
FORESPØRGSEL = {"kontakter.kassér": {"formular": "/kontakter/ny"}}
# Here the path's id only names the draft: which resident is meant stands in the form, and is looked up from there.
KUN_KLADDE = {("kontakter.ny", "POST")}
