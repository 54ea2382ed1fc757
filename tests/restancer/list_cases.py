"""What the tests of restance lists share: invented rows, and a list taken in and taken back."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session, select

from rådgivning import database
from rådgivning.nøgler.opening import open_sealed
from rådgivning.restancer import cases, list_proposals
from rådgivning.restancer.list_import import begynd, fortsæt, mærke
from rådgivning.restancer.list_mapping import gæt
from rådgivning.restancer.list_review import gennemgå
from rådgivning.restancer.list_rows import Kontrolleret, Regler
from rådgivning.restancer.list_sheet import læs_ark
from rådgivning.restancer.list_undo import begynd_fortryd, fortryd
from rådgivning.restancer.models import ListeData, Restanceliste, Restancesag, RestancesagData
from tests.conftest import IDAG

HOVED = "lejemål;navn;telefon;afdeling;beløb;forfaldsdato;fase;dato"
NOVEMBER = date(2026, 11, 2)


def row(n: int = 1, beløb: str = "8450", forfald: str = "02.11.2026", fase: str = "", dato: str = "") -> str:
    """The row of the n'th invented tenancy."""
    return f"55-{n:04}-1;Zxq{n} Prøvesen{n};20{n:06};55;{beløb};{forfald};{fase};{dato}"


def csv(*lines: str) -> bytes:
    """The lines as a file."""
    return "\r\n".join([HOVED, *lines]).encode()


def check(session: Session, data: bytes, name: str = "liste.csv", organisation: str = "aab") -> Kontrolleret:
    """What the reader makes of a file: good rows, bad rows."""
    ark = læs_ark(name, data)
    regler = Regler(session, organisation)
    session.rollback()
    return regler.kontrollér(ark, gæt(ark.overskrifter, {}))


def later(step: timedelta) -> None:
    """Let time pass."""
    at = database.clock.read() + step
    database.clock.read = lambda: at


def run(
    session: Session,
    *lines: str,
    dag: date = IDAG,
    data: bytes = b"",
    name: str = "liste.csv",
    svar: dict[int, str] | None = None,
) -> Restanceliste:
    """Import as the command does, a minute after what was before."""
    later(timedelta(minutes=1))
    data = data or csv(*lines)
    found = gennemgå(session, check(session, data, name), "aab", dag, svar=svar or {})
    liste = begynd(session, found, boligorganisation="aab", dag=dag, fil=mærke(session, data), kolonner={})
    session.commit()
    fortsæt(session, liste.id)
    session.refresh(liste)
    return liste


def undo(session: Session, liste: Restanceliste) -> None:
    """Take a whole list back."""
    liste_id = liste.id
    begynd_fortryd(session, liste_id)
    session.commit()
    fortryd(session, liste_id)
    session.refresh(liste)


def all_cases(session: Session) -> dict[str, tuple[Restancesag, RestancesagData]]:
    """Every case by its tenancy."""
    found = [cases.hent_sag(session, i) for i in session.exec(select(Restancesag.id)).all()]
    return {data.lejemål: (row, data) for row, data in found}


def indhold(session: Session, liste: Restanceliste) -> ListeData:
    """What is kept of a list."""
    return open_sealed(session, liste, ListeData, "prøve")


def proposals(session: Session) -> list[list_proposals.Forslag]:
    """The cases that are gone from the list."""
    return list_proposals.åbne_forslag(session)
