"""Weaknesses planted beside the program: a scan that does not find these proves nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from urllib.parse import parse_qs

STI = "/plantet"
FELT = "navn"
SIDE = f"<!doctype html><title>Plantet</title><form method=post action={STI}><input name={FELT} value=a></form>"


def svar(krop: bytes) -> tuple[int, str]:
    """Status and page: what was typed stands in a statement and on the page as it came. Bad SQL shows its error."""
    if not krop:
        return 200, SIDE
    navn = parse_qs(krop.decode(errors="replace"), keep_blank_values=True).get(FELT, [""])[0]
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE beboer (navn TEXT, vej TEXT)")
        database.execute("INSERT INTO beboer VALUES ('a', 'Zxqvej')")
        try:
            rows = database.execute(f"SELECT navn, vej FROM beboer WHERE navn = '{navn}'").fetchall()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as fejl:
            return 500, f"{SIDE}<p>sqlite3.OperationalError: {fejl}</p>"
    return 200, f"{SIDE}<p>{navn}</p>" + "".join(f"<p>{row}</p>" for row in rows)
