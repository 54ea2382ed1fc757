"""The plan's lists as forms, tables and imports need them: choices for a day, and labels for any key ever used."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date

from sqlmodel import Session

from rådgivning.database import today
from rådgivning.plan import checks
from rådgivning.plan.agreement import Afdeling, Aktivitet
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import HOVEDEMNE, Listenavn, ListeVærdi, liste_for

Valg = list[tuple[str, str]]


def valg(
    session: Session,
    helhedsplan_id: uuid.UUID,
    liste: str,
    *,
    på_dato: date | None = None,
    art: str = "",
    også: Collection[str] = (),
) -> Valg:
    """The (key, label) pairs that may be chosen on a day (today), in the plan's order.

    `liste` is a list's name, `hovedemne`, or a section (afdeling, aktivitet, boligorganisation …). `art` leaves out
    values meant for other arts. `også` keeps keys that a row being edited already has, retired or not.
    """
    dag = på_dato or today()
    values = checks.nøgler(plan(session, helhedsplan_id), _name(liste)).items()
    return [
        (key, checks.navn(value)) for key, value in values if key in også or (value.gælder(dag) and _fits(value, art))
    ]


def _name(liste: str) -> str:
    return liste_for(liste, "") if liste == HOVEDEMNE else liste


def _fits(value: object, art: str) -> bool:
    if not art or not isinstance(value, ListeVærdi | Aktivitet):
        return True
    return not value.arter or art in value.arter


def etiket(session: Session, helhedsplan_id: uuid.UUID, liste: str, nøgle: str) -> str:
    """The label of a key, retired ones included; the key itself when the plan never had it, "" for ""."""
    value = checks.nøgler(plan(session, helhedsplan_id), _name(liste)).get(nøgle)
    return nøgle if value is None else checks.navn(value)


def er_gyldig(session: Session, helhedsplan_id: uuid.UUID, liste: str, nøgle: str, på_dato: date | None = None) -> bool:
    """Whether the key may be used for something that happened on a day (today)."""
    value = checks.nøgler(plan(session, helhedsplan_id), _name(liste)).get(nøgle)
    return value is not None and value.gælder(på_dato or today())


def grupper(session: Session, helhedsplan_id: uuid.UUID, liste: str, *, på_dato: date | None = None) -> dict[str, Valg]:
    """The choices of a list by the label of their group, in the plan's order (emne by emnegruppe)."""
    indhold = plan(session, helhedsplan_id)
    names = indhold.liste[Listenavn.EMNEGRUPPE] if _name(liste) == Listenavn.EMNE else {}
    values = indhold.liste[Listenavn(_name(liste))]
    found: dict[str, Valg] = {}
    for key, label in valg(session, helhedsplan_id, liste, på_dato=på_dato):
        group = values[key].gruppe
        found.setdefault(names[group].etiket if group in names else group, []).append((key, label))
    return found


def afdelinger(
    session: Session,
    helhedsplan_id: uuid.UUID,
    *,
    boligorganisation: str = "",
    på_dato: date | None = None,
) -> dict[str, Afdeling]:
    """The afdelinger that belong to the plan on a day (today), by key; of one boligorganisation when it is named."""
    dag = på_dato or today()
    return {
        key: value
        for key, value in plan(session, helhedsplan_id).afdeling.items()
        if value.gælder(dag) and boligorganisation in ("", value.boligorganisation)
    }


def arter(session: Session, helhedsplan_id: uuid.UUID, *, på_dato: date | None = None) -> Valg:
    """The kinds of contact on a day (today)."""
    return valg(session, helhedsplan_id, Listenavn.ART, på_dato=på_dato)


def tilbud(session: Session, helhedsplan_id: uuid.UUID, *, art: str = "", på_dato: date | None = None) -> Valg:
    """The advice offers a contact can be logged on, kept apart in every count: (key, name)."""
    dag = på_dato or today()
    return [
        (key, value.navn)
        for key, value in plan(session, helhedsplan_id).aktivitet.items()
        if value.rådgivning and value.gælder(dag) and _fits(value, art)
    ]


def aldersgruppe(session: Session, helhedsplan_id: uuid.UUID, fødselsdato: date | None, dag: date) -> str:
    """The key of the age band on the day of the event; "ukendt" without a birth date or when no band has that age."""
    if fødselsdato is None:
        return "ukendt"
    alder = dag.year - fødselsdato.year - ((dag.month, dag.day) < (fødselsdato.month, fødselsdato.day))
    for key, band in plan(session, helhedsplan_id).liste[Listenavn.ALDERSGRUPPE].items():
        if band.alder_fra is not None and band.alder_fra <= alder <= (band.alder_til or 200):
            return key
    return "ukendt"
