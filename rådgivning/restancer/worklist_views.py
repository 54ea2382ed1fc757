"""The page of the work list. What is chosen is kept for the user, so that nothing of it stands in the address."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, current_user_id, kræver
from rådgivning.adgang.visninger import gem_visning, hent_visning
from rådgivning.database import current_session, new_id
from rådgivning.henvisninger.handling import labels
from rådgivning.plan.lister import valg
from rådgivning.restancer import attempt_views, worklist
from rådgivning.restancer.phases import FASER, VEJEN

LISTE = "restancer"


def add_pages(bp: Blueprint) -> None:
    """The list is shown by `views.liste`, which knows who asks."""
    bp.add_url_rule("", view_func=filtrér, methods=["POST"])


def side() -> ResponseReturnValue:
    """The list as the user left it."""
    session = current_session()
    number = sidetal()
    lang = "lang" in request.args
    length = worklist.TIL_UDSKRIFT if lang else worklist.SIDELÆNGDE
    udsnit = worklist.Udsnit(**_allowed(hent_visning(session, current_user_id(), LISTE)))
    afdelinger = valg(session, current_helhedsplan_id(), "afdeling", også=[udsnit.afdeling])
    liste = worklist.sager(session, udsnit, number, [key for key, _label in afdelinger], length)
    organisationer = valg(session, current_helhedsplan_id(), "boligorganisation", også=[udsnit.organisation])
    etiket = labels()
    shown = FASER if udsnit.vis in {"lukkede", "alle"} else [fase.nøgle for fase in VEJEN]
    return render_template(
        "restancer/liste.html",
        liste=liste,
        linjer=liste.linjer,
        side=number,
        lang=lang,
        udsnit=udsnit,
        fasevalg=[(key, etiket("restance_fase", key)) for key in shown],
        afdelinger=afdelinger,
        organisationer=organisationer,
        hurtige=attempt_views.hurtige(),
        fortryd=attempt_views.fortrydelse(),
        etiket=etiket,
        nyt_id=new_id,
    )


@kræver(Ret.RESTANCER)
def filtrér() -> ResponseReturnValue:
    """Keep what was chosen; "nulstil" forgets all of it."""
    session = current_session()
    chosen = {} if "nulstil" in request.form else {name: request.form.get(name, "") for name in worklist.FELTER}
    if "skift" in request.form:
        chosen["vis"] = request.form["skift"]
    gem_visning(session, current_user_id(), LISTE, _allowed(chosen))
    session.commit()
    return redirect(url_for("restancer.liste"), 303)


def _allowed(chosen: dict[str, str]) -> dict[str, str]:
    """Only what the list knows: a key that is no longer there filters nothing away without a word."""
    session, plan_id = current_session(), current_helhedsplan_id()
    may = {
        "vis": {*worklist.VIS},
        "fase": {*FASER},
        "afdeling": {key for key, _label in valg(session, plan_id, "afdeling")},
        "organisation": {key for key, _label in valg(session, plan_id, "boligorganisation")},
        "kontaktet": {"ja", "nej"},
        "børn": {*worklist.JA_NEJ},
        "orden": {*worklist.ORDEN},
    }
    return {name: value for name, value in chosen.items() if value in may.get(name, set())}
