"""What the form knows before anybody types: the plan's lists for the day, and the user's habits.

The habits (last used form and source of each art, afdeling, offer) are kept as a sealed draft of the user's own, so
that no resident's envelope is opened, and no trace of it left with her, only to fill a form in.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from rådgivning.adgang.kladder import gem_kladde, hent_kladde
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.database import today
from rådgivning.kalender.bookings import hent_aftale
from rådgivning.kontakter.forms import FØLG_OP, MED_EJENDOMSDRIFT, KontaktForm, grupperet, varigheder
from rådgivning.kontakter.models import KontaktData
from rådgivning.plan import lister
from rådgivning.plan.plans import plan

VANER = "kontakter/vaner"


@dataclass(frozen=True)
class Vaner:
    """The user's last choices; `form` and `kilde` by art."""

    form: dict[str, str]
    kilde: dict[str, str]
    afdeling: str = ""
    aktivitet: str = ""
    art: str = ""


def hent_vaner(session: Session) -> Vaner:
    """The actor's habits; empty for a new user."""
    kept = hent_kladde(session, VANER) or {}
    one = {name: (kept.get(name) or [""])[0] for name in ("afdeling", "aktivitet", "art")}
    return Vaner(_pairs(kept.get("form", [])), _pairs(kept.get("kilde", [])), **one)


def husk_vaner(session: Session, data: KontaktData) -> None:
    """Remember the choices of the contact that is being saved."""
    last = hent_vaner(session)
    form, kilde = {**last.form, data.art: data.form}, {**last.kilde, data.art: data.kilde}
    gem_kladde(
        session,
        VANER,
        {
            "form": [f"{art}={key}" for art, key in form.items()],
            "kilde": [f"{art}={key}" for art, key in kilde.items()],
            "afdeling": [data.afdeling],
            "aktivitet": [data.aktivitet],
            "art": [data.art],
        },
    )


def forvalg(session: Session, helhedsplan_id: uuid.UUID, art: str, beboer: BeboerData | None) -> dict[str, Any]:
    """The values a new form starts with."""
    vaner = hent_vaner(session)
    art = art or vaner.art
    tilbud = [key for key, _navn in lister.tilbud(session, helhedsplan_id, art=art)]
    stamdata = beboer or BeboerData()
    return {
        "art": art,
        "dato": today(),
        "form": vaner.form.get(art, ""),
        "kilde": vaner.kilde.get(art, ""),
        "aktivitet": vaner.aktivitet if vaner.aktivitet in tilbud else next(iter(tilbud), ""),
        "afdeling": stamdata.afdeling or vaner.afdeling,
        "aldersgruppe": stamdata.aldersgruppe,
        "med_ejendomsdrift": True if art in MED_EJENDOMSDRIFT else None,
    }


def fra_aftale(session: Session, aftale_id: uuid.UUID) -> dict[str, Any]:
    """What a planned visit tells about the contact that came of it; never who lives there. Raises IkkeFundet."""
    aftale, data = hent_aftale(session, aftale_id, "ny kontakt")
    values: dict[str, Any] = {"art": data.art, "dato": min(aftale.dato, today()), "afdeling": data.afdeling}
    booker = session.get(Bruger, aftale.ejer_id)
    if booker is not None and booker.rolle == Rolle.EJENDOMSDRIFT:
        values["kilde"] = "ejendomsdrift"
    return values


def sæt_valg(session: Session, helhedsplan_id: uuid.UUID, form: KontaktForm, har: KontaktData | None = None) -> None:
    """Give the form the plan's lists for its day; what a contact being corrected already has stays choosable."""
    data = har or KontaktData()
    day = form.dato.data or today()
    for liste, field, keys in (
        ("art", form.art, [data.art]),
        ("afdeling", form.afdeling, [data.afdeling]),
        ("aldersgruppe", form.aldersgruppe, [data.aldersgruppe]),
        ("udfald", form.udfald, [data.udfald]),
        ("emne", form.emner, data.emner),
        ("anledning", form.anledning, [data.anledning]),
        ("form", form.form, [data.form]),
        ("henvisningskilde", form.kilde, [data.kilde]),
        ("brobygning_til", form.brobygning_til, [data.brobygning_til]),
        ("brobygning_resultat", form.brobygning_resultat, [data.brobygning_resultat]),
    ):
        field.choices = lister.valg(session, helhedsplan_id, liste, på_dato=day, også=keys)
    topics = lister.valg(session, helhedsplan_id, "hovedemne", på_dato=day, også=[data.hovedemne])
    form.hovedemne.choices = grupperet(lister.grupper(session, helhedsplan_id, "emne", på_dato=day), topics)
    offers = dict(lister.tilbud(session, helhedsplan_id, på_dato=day))
    if data.aktivitet:
        offers.setdefault(data.aktivitet, lister.etiket(session, helhedsplan_id, "aktivitet", data.aktivitet))
    form.aktivitet.choices = list(offers.items())
    form.varighed.choices = varigheder(data.varighed)
    form.følg_op.choices = FØLG_OP
    form.fra = plan(session, helhedsplan_id).helhedsplan.fra
    art = form.art.data
    form.passer = {
        "udfald": dict(lister.valg(session, helhedsplan_id, "udfald", art=art, også=[data.udfald])).keys(),
        "aktivitet": {*dict(lister.tilbud(session, helhedsplan_id, art=art)), data.aktivitet},
    }


def _pairs(lines: list[str]) -> dict[str, str]:
    return dict(line.split("=", 1) for line in lines if "=" in line)
