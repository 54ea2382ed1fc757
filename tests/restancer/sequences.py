"""Random sequences of events of a restancesag, as people write them: late, out of order, with and without dates."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from rådgivning.restancer.models import Hændelse
from rådgivning.restancer.phases import ENDER, FASER, ordnet

FØRST, DAGE = date(2025, 11, 1), 420
KILDER = ("opkrævning", "jura", "kommune")


def tilfældig_hændelse(draw: random.Random, fase: str = "") -> Hændelse:
    """One event that can have happened: written down on its day or up to 90 days later."""
    fase = fase or draw.choice(list(FASER))
    dag = FØRST + timedelta(days=draw.randrange(DAGE))
    skrevet = dag + timedelta(days=draw.choice((0, 0, 1, 3, 20, 90)))
    kommende = FASER[fase].berammes and draw.random() < 0.5
    return ordnet(
        Hændelse(
            id=uuid.UUID(int=draw.getrandbits(128), version=4),
            fase=fase,
            dato=skrevet + timedelta(days=draw.randrange(60)) if kommende else dag,
            kilde=draw.choice(KILDER),
            registreret=datetime.combine(skrevet, time(7 + draw.randrange(9), draw.randrange(60)), UTC),
            fremme=dag + timedelta(days=draw.randrange(4)) if fase == "påkrav" and draw.random() < 0.6 else None,
            frist=dag + timedelta(days=14 + draw.randrange(20)) if draw.random() < 0.2 else None,
            udfald=draw.choice(ENDER).udfald if FASER[fase].lukker and draw.random() < 0.9 else "",
            annulleret=draw.random() < 0.1,
        )
    )


def tilfældig_sag(draw: random.Random) -> list[Hændelse]:
    """Up to eight events in the order in which they happened to be written down; some in the same breath."""
    hændelser = [tilfældig_hændelse(draw) for _ in range(draw.randrange(9))]
    for one, other in pairwise(hændelser):
        if draw.random() < 0.1:
            same = {"dato": one.dato, "registreret": one.registreret, "fremme": None, "frist": None}
            hændelser[hændelser.index(other)] = ordnet(other.model_copy(update=same))
    return hændelser


def forkert(draw: random.Random, rigtig: Hændelse) -> Hændelse:
    """The same event as somebody typed it wrongly: another day, another deadline, another source."""
    andet = tilfældig_hændelse(draw, rigtig.fase)
    typed = {name: getattr(andet, name) for name in ("dato", "frist", "fremme", "kilde")}
    return ordnet(rigtig.model_copy(update=typed))
