"""Who lives together in the demo, and the attempts at getting hold of those who owe rent."""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.households import flyt_ind, husstande
from rådgivning.beboere.residents import hent_beboer, ret_beboer
from rådgivning.drift.demo_data import Person, Sag
from rådgivning.restancer.attempts import tilføj_forsøg
from rådgivning.restancer.models import Kontaktforsøg

if TYPE_CHECKING:
    from rådgivning.drift.demo_fill import Opfyldning

NUMMER = {"aab55": "55", "steenbjerggård": "12", "vildtbanegård_1": "1", "vildtbanegård_2": "2"}
MÅDER = ("telefon", "sms", "telefon", "bankede_på", "kort_i_døren", "telefon", "brev")
SVARLØSE = {"sms", "kort_i_døren", "brev"}
NÅS = 0.4


def lejemålsnummer(sag: Sag, person: Person) -> str:
    """The number of the tenancy a case is about."""
    return f"{NUMMER[person.afdeling]}-{sag.person:04d}-{sag.person % 3 + 1}"


def attempts(filling: Opfyldning, sag_id: uuid.UUID, sag: Sag, slut: date) -> None:
    """Some tries in the weeks after the first event; about two households in three are reached sooner or later."""
    draw = random.Random(sag.person)  # noqa: S311  # nosec B311
    last = min(slut, sag.slut[1] if sag.slut else slut)
    dag = sag.forløb[0][1]
    for _try in range(draw.randrange(1, 5)):
        dag += timedelta(days=draw.choice((1, 2, 4, 6)))
        dag += timedelta(days=max(0, 7 - dag.weekday()) if dag.weekday() > 4 else 0)
        if dag > last:
            return
        måde = draw.choice(MÅDER)
        reached = draw.random() < NÅS
        truffet = True if reached else None if måde in SVARLØSE else False
        with filling.som(Rolle.BEBOERRÅDGIVER, dag) as session:
            tilføj_forsøg(session, sag_id, Kontaktforsøg(måde=måde, dato=dag, truffet=truffet))
        if reached:
            return


def households(filling: Opfyldning, personer: list[Person], sager: list[Sag], slut: date) -> None:
    """In every second tenancy with a case somebody else who is known lives too, at the same address."""
    taken = {sag.person for sag in sager}
    free = [n for n in range(len(personer)) if n not in taken]
    with filling.som(Rolle.BEBOERRÅDGIVER, slut) as session:
        for sag in sager[::2]:
            person = personer[sag.person]
            home = husstande(session).for_beboer.get(filling.beboere[sag.person])
            other = next((n for n in free if personer[n].afdeling == person.afdeling), None)
            if home is None or other is None:
                continue
            free.remove(other)
            row, data = hent_beboer(session, filling.beboere[other], "ret husstand")
            ret_beboer(session, row.id, data.model_copy(update={"adresse": person.adresse}), row.version)
            flyt_ind(session, row.id, home)
