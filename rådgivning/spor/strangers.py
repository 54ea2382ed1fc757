"""Refusals of those who are not signed in: every one is counted, also when somebody knocks ten thousand times.

The first refusal in a minute from one place at one thing becomes an entry of its own at once. The same again adds to a
counter in the transaction of the request, and the counter becomes one entry that says how many when the minute is
over: with the next refusal, when the trail is looked at or checked, or in the night. Until then it is in the database
but not in the chain.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, func, select

from rådgivning.spor.models import FremmedAfvist

FLEST_STEDER = 100
MANGE = "mange"
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def sted(key: bytes, adresse: str, dag: date) -> str:
    """Eight letters for the network of an address (an IPv4 /24, an IPv6 /48): the same all day, others the next."""
    try:
        parsed = ipaddress.ip_address(adresse)
    except ValueError:
        network = "ukendt"
    else:
        network = str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))
    mark = hmac.digest(key, f"sted\0{dag.isoformat()}\0{network}".encode(), hashlib.sha256)
    return mark[:4].hex().translate(_LETTERS)


def is_first(session: Session, at: datetime, place: str, genstand: str, status: int, metode: str) -> bool:
    """Count a refusal; whether it is the first of its kind in its minute.

    From the hundredth place in a minute on, all others are one place: a flood from everywhere fills no table.
    """
    minut = at.replace(second=0, microsecond=0)
    seen = select(func.count(func.distinct(FremmedAfvist.sted))).where(FremmedAfvist.minut == minut)
    known = select(FremmedAfvist.sted).where(FremmedAfvist.minut == minut, FremmedAfvist.sted == place).limit(1)
    if session.exec(known).first() is None and session.exec(seen).one() >= FLEST_STEDER:
        place = MANGE
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"minut": minut, "sted": place, "genstand": genstand, "status": status, "metode": metode, "antal": 1}
    counted = (
        insert(FremmedAfvist)
        .values(values)
        .on_conflict_do_update(
            index_elements=["minut", "sted", "genstand", "status", "metode"],
            set_={"antal": col(FremmedAfvist.antal) + 1},
        )
        .returning(col(FremmedAfvist.antal))
    )
    return bool(session.execute(counted).scalar_one() == 1)


def take_closed(session: Session, at: datetime) -> Sequence[FremmedAfvist]:
    """Take out the counters of the minutes before this one; those that counted more than the first, oldest first."""
    over = col(FremmedAfvist.minut) < at.replace(second=0, microsecond=0)
    rows = session.execute(delete(FremmedAfvist).where(over).returning(FremmedAfvist)).scalars().all()
    more = [row for row in rows if row.antal > 1]
    for row in rows:
        session.expunge(row)
    return sorted(more, key=lambda row: (row.minut, row.sted, row.genstand, row.status, row.metode))
