"""After a restore: what was ended since the backup was taken would work again, so every door is closed once."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from rådgivning.adgang.sessions import Slut
from rådgivning.database import now, se_alle
from rådgivning.drift.schema import all_tables

GLEMT: Final = """\
Alle er logget ud, og alle kalenderadresser er trukket tilbage: det, der er afsluttet efter kopien, ville virke igen.
Kopien ved intet om det, der er sket efter {taget}. Gå det igennem, før folk lukkes ind; sporets modtager har det:
  brugere, der er spærret, har fået en anden rolle eller mistet en faktor (bruger spær, bruger nulstil-to-trin)
  begrænsninger, indsigelser, rettelser og afslag: databeskyttelse skriver dem ind igen
  samtykker, der er trukket tilbage: beboerrådgiveren trækker dem tilbage igen
Kør: raadgivning spor tjek   og tag en ny sikkerhedskopi.
"""
"""What is left for people to do; `taget` is when the backup was taken."""


def close_doors(connection: Connection) -> None:
    """End every session and calendar address, in the caller's transaction."""
    se_alle(connection)
    tables, ended = all_tables().tables, now()
    sessions, feeds = tables["brugersession"], tables["kalenderfeed"]
    still = sessions.c.afsluttet.is_(None), sessions.c.udløber > ended
    connection.execute(sessions.update().where(*still).values(afsluttet=ended, slut=Slut.GENDANNET))
    connection.execute(feeds.update().where(feeds.c.tilbagekaldt.is_(None)).values(tilbagekaldt=ended))
