"""The demo's two restance lists: new cases, a changed one, one that is gone, a row that is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rådgivning.adgang.permissions import Rolle
from rådgivning.drift.demo_data import Person, Sag
from rådgivning.restancer import list_import
from rådgivning.restancer.list_mapping import gæt
from rådgivning.restancer.list_review import gennemgå
from rådgivning.restancer.list_rows import Regler
from rådgivning.restancer.list_sheet import læs_ark

if TYPE_CHECKING:
    from rådgivning.drift.demo_fill import Opfyldning

AAB = "aab"
HOVED = "Lej. nr.;Lejer;Tlf.;Adresse;Afd.;Saldo;Forfaldsdato;Fase;Dato"


def lists(filling: Opfyldning, personer: Sequence[Person], sager: Sequence[Sag], slut: date) -> None:
    """Last month's list and yesterday's, from opkrævning, about households that have no other case."""
    busy = {sag.person for sag in sager}
    free = [p for n, p in enumerate(personer) if p.afdeling == "aab55" and p.telefon and p.adresse and n not in busy]
    due = (slut - timedelta(days=35)).replace(day=1)
    first = [_row(n, person, due, 4_200 + 850 * n) for n, person in enumerate(free[-4:])]
    _import(filling, slut - timedelta(days=25), [*first, _row(4, None, due, 6_075)])
    later = [*first[:2], _row(2, free[-2], due, 9_340), _row(5, None, due, 0)]
    warned = slut - timedelta(days=9)
    later.append(_row(4, None, due, 6_075, f"Påkrav;{warned:%d.%m.%Y}"))
    _import(filling, slut - timedelta(days=1), later)


def _row(n: int, person: Person | None, due: date, beløb: int, fase: str = ";") -> str:
    """A row of the list; without a person one whom nobody has met."""
    who = (person.navn, person.telefon, person.adresse) if person else (f"Nyta Opdigtet{'sen' * (n % 2)}", "", "")
    return ";".join((f"55-09{n + 11}-1", *who, "55", str(beløb), f"{due:%d.%m.%Y}", fase))


def _import(filling: Opfyldning, dag: date, lines: Sequence[str]) -> None:
    data = "\n".join((HOVED, *lines)).encode()
    ark = læs_ark("restanceliste.csv", data)
    with filling.som(Rolle.INKASSO, dag) as session:
        kolonner = gæt(ark.overskrifter, {})
        found = gennemgå(session, Regler(session, AAB).kontrollér(ark, kolonner), AAB, dag, svar={})
        liste = list_import.begynd(
            session,
            found,
            boligorganisation=AAB,
            dag=dag,
            fil=list_import.mærke(session, data),
            filnavn="restanceliste.csv",
            kolonner=kolonner,
        )
        session.commit()
        list_import.fortsæt(session, liste.id)
