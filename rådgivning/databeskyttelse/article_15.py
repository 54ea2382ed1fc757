"""What a resident must be told beside her data (GDPR art. 15(1)): for what, to whom, how long, from where."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import cast

from sqlmodel import Session

from rådgivning.databeskyttelse.collecting import Samling
from rådgivning.databeskyttelse.masking import i_ord
from rådgivning.plan.lister import etiket
from rådgivning.plan.plans import frister, plan
from rådgivning.plan.schema import Fristnavn
from rådgivning.settings import Kopidage

DATATILSYNET = "Datatilsynet, Carl Jacobsens Vej 35, 2500 Valby, www.datatilsynet.dk, dt@datatilsynet.dk"


def oplysninger(session: Session, samling: Samling) -> list[tuple[str, str]]:
    """Heading and text, in the order of the article."""
    plan_id, dage = samling.helhedsplan_id, cast("Kopidage", session.info["kopidage"])
    regel = frister(session, plan_id)[Fristnavn.BEBOER]
    spor = frister(session, plan_id)[Fristnavn.SPOR]
    return [
        (
            "Hvem",
            f"Den dataansvarlige er {_controllers(session, plan_id)}, der har beboerrådgivningen i helhedsplanen.",
        ),
        (
            "Formål",
            (
                "Oplysningerne bruges til at rådgive dig og følge op, til at få kontakt, når dit lejemål er i fare,"
                " og til tal om indsatsen, som ingen kan genkendes i."
            ),
        ),
        ("Modtagere", _recipients(session, samling)),
        (
            "Hvor længe",
            (
                f"Oplysninger om dig slettes {regel.længde} efter {regel.fra}. Hvem der har set dem, huskes i"
                f" {spor.længde}. Slettes du, kan der i højst {dage.nøgler + 1} dage"
                " være sikkerhedskopier af din nøgle. Uden den kan databasens sikkerhedskopier, som gemmes i"
                f" {dage.data} dage, ikke læses; et nummer uden navn og dagene for kontakt kan ses i dem så længe."
            ),
        ),
        ("Hvor oplysningerne kommer fra", _sources(session, samling)),
        (
            "Automatiske afgørelser",
            "Der træffes ingen automatiske afgørelser om dig, og der laves ikke profiler.",
        ),
        (
            "Dine rettigheder",
            (
                "Du kan bede om at få noget rettet, slettet eller begrænset, gøre indsigelse, og få det med,"
                " du selv har givet os. Et samtykke kan du altid trække tilbage."
            ),
        ),
        ("Klage", f"Du kan klage til {DATATILSYNET}."),
    ]


def _controllers(session: Session, plan_id: uuid.UUID) -> str:
    return _and([org.navn for org in plan(session, plan_id).boligorganisation.values()]) or "helhedsplanen"


def _recipients(session: Session, samling: Samling) -> str:
    shared = {key for post in samling.poster.get("samtykke", []) for key in post.indhold.get("modtagere", [])}
    names = _and(sorted(i_ord(etiket(session, samling.helhedsplan_id, "samtykke_modtager", key)) for key in shared))
    own = "Den, der har henvist dig eller meldt en restance, kan se sine egne ord og hvor langt sagen er."
    if not names:
        return f"Du har ikke givet samtykke til, at noget deles med andre. {own}"
    return f"Med dit samtykke kan oplysninger deles med {names}. {own}"


def _sources(session: Session, samling: Samling) -> str:
    plan_id, found = samling.helhedsplan_id, set[str]()
    for tabel in ("kontakt", "henvisning"):
        keys = {str(post.indhold.get("kilde") or "") for post in samling.poster.get(tabel, [])} - {""}
        found |= {i_ord(etiket(session, plan_id, "henvisningskilde", key)) for key in keys}
    others = _and(sorted(found))
    return "Fra dig selv og det, din beboerrådgiver har set og gjort" + (f"; og fra: {others}." if others else ".")


def _and(names: Sequence[str]) -> str:
    return " og ".join(filter(None, (", ".join(names[:-1]), names[-1] if names else "")))
