"""The demo's residents who were registered twice, as it happens: a letter wrong, the names swapped, half a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.drift.demo_data import Person
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData

if TYPE_CHECKING:
    from rådgivning.drift.demo_fill import Opfyldning

OPTAGET = KontaktData(
    art="en_til_en",
    aktivitet="beboerrådgivning",
    form="telefon",
    kilde="beboeren_selv",
    hovedemne="digital_hjælp",
    udfald="råd_givet",
    notat="Ringede fra et nyt nummer.",
)


def registered_twice(filling: Opfyldning, personer: Sequence[Person], slut: date) -> None:
    """Three residents come a second time, each with a contact of her own, within the last month."""
    with_phone = [person for person in personer if person.telefon][:3]
    for n, (person, again) in enumerate(zip(with_phone, map(_mistyped, with_phone, range(3)), strict=True)):
        dag = slut - timedelta(days=5 + 7 * n)
        with filling.som(Rolle.BEBOERRÅDGIVER, dag) as session:
            data = BeboerData(navn=again, telefon=person.telefon, afdeling=person.afdeling)
            log_kontakt(session, OPTAGET, dato=dag, beboer_id=opret_beboer(session, data).id)


def _mistyped(person: Person, way: int) -> str:
    first, *rest = person.navn.split()
    last = rest[-1]
    return (f"{first} {last[:2]}{last[3:]}", f"{last} {first}", f"{first} {last[0]}.")[way]
