"""The uploaded list between its steps: the file as it is kept, sealed, with what was answered about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from rådgivning.adgang.kladder import GemtFil, hent_fil
from rådgivning.restancer.list_sheet import Ark, læs_ark
from rådgivning.spor.trail import aktør

FIL = "restancer/listefil"
KOLONNE = "kolonne "


@dataclass(frozen=True)
class Gemt:
    """The kept file with what was answered about it."""

    fil: GemtFil
    ark: Ark
    organisation: str
    dag: date
    hel: bool
    kolonner: dict[str, str]


def gemt_liste(session: Session) -> Gemt | None:
    """The kept file, read with no transaction open. None also for one that opkrævning chose while she worked for
    another boligorganisation."""
    fil, who = hent_fil(session, FIL), aktør(session)
    if fil is None or (who.omfang("restancesag") == "egne" and fil.felter["organisation"] != who.boligorganisation):
        return None
    session.commit()
    felter = fil.felter
    kolonner = {key.removeprefix(KOLONNE): text for key, text in felter.items() if key.startswith(KOLONNE)}
    ark = læs_ark(fil.navn, fil.data)
    return Gemt(fil, ark, felter["organisation"], date.fromisoformat(felter["dato"]), felter["hel"] == "ja", kolonner)
