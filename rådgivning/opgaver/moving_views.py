"""Pages on which a task moves: another deadline, another hand, a series that stops; and where the buttons lead back."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Konflikt, Ret, current_user_id, hent, kræver
from rådgivning.database import current_session
from rådgivning.opgaver import handover, tasks
from rådgivning.opgaver.forms import FristFormular, OverdragFormular
from rådgivning.opgaver.models import Opgave

_BACK = re.compile(r"/|/opgaver(\?[a-zø0-9=&]*)?|/beboere/[0-9a-f-]{36}")


@dataclass(frozen=True)
class Skridt:
    """What was just done to a task, and how it is undone: by the button's address and, for a deadline, its old day."""

    besked: str
    handling: str
    frist: str = ""


def add_pages(bp: Blueprint) -> None:
    """The pages of one task's way."""
    bp.add_url_rule("/<uuid:id>/flyt", view_func=flyt, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/overdrag", view_func=overdrag, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/stop", view_func=stop, methods=["POST"])
    bp.add_app_template_global(_step, "opgave_skridt")


@kræver(Ret.OPGAVER)
def flyt(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Another deadline; the button sends the new date, so pressing twice moves once. The page offers the way back to
    the date the button stood beside, which after the second press is no longer the task's."""
    session, form = current_session(), FristFormular()
    stands = hent(session, Opgave, id).frist
    before = request.form.get("fra", stands, type=date.fromisoformat)
    if not form.validate_on_submit() or form.frist.data is None:
        flash("Fristen blev ikke flyttet: datoen kunne ikke bruges.", "fejl")
        return redirect(back(), 303)
    tasks.flyt(session, id, form.frist.data)
    session.commit()
    if "fortrudt" in request.form:
        flash("Fristen er sat tilbage.")
        return redirect(back(), 303)
    return redirect(back_with(f"flyttet={id}&fra={before}"), 303)


@kræver(Ret.OPGAVER)
def overdrag(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Give a task to a colleague, or take over the task of one who is away."""
    session, form = current_session(), OverdragFormular()
    opgave, data = tasks.hent_opgave(session, id, "overdrag opgave")
    if opgave.udført is not None:
        flash(handover.UDFØRT, "advarsel")
        return redirect("/opgaver?vis=udført", 303)
    colleagues = handover.kan_overtage(session, opgave.ejer_id)
    me = current_user_id()
    form.til.choices = [(str(b.id), "Mig selv" if b.id == me else b.navn) for b in colleagues]
    if not form.validate_on_submit():
        page = render_template("opgaver/overdrag.html", form=form, opgave=opgave, data=data, kolleger=colleagues)
        return page, 200 if request.method == "GET" else 422
    try:
        handover.overdrag(session, id, uuid.UUID(form.til.data))
    except IkkeFundet:
        flash("Opgaven blev ikke overdraget: en anden nåede at flytte den.", "fejl")
        return redirect("/opgaver", 303)
    session.commit()
    flash("Du har overtaget opgaven." if form.til.data == str(me) else "Opgaven er overdraget.")
    return redirect("/opgaver", 303)


@kræver(Ret.OPGAVER)
def stop(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """The task comes no more after this one."""
    session = current_session()
    try:
        tasks.stop_gentagelse(session, id)
    except Konflikt as konflikt:
        flash(str(konflikt), "advarsel")
        return redirect("/opgaver", 303)
    session.commit()
    flash("Opgaven kommer ikke igen, når den er udført.")
    return redirect("/opgaver", 303)


def back() -> str:
    """Where the button stood; only pages that show tasks."""
    found = request.form.get("tilbage", "")
    return found if _BACK.fullmatch(found) else "/opgaver"


def back_with(query: str) -> str:
    """Where the button stood, told what was done there."""
    page = back()
    return f"{page}{'&' if '?' in page else '?'}{query}"


def _step() -> Skridt | None:
    """What the address says was just done; None when it says nothing, or nothing that can be true."""
    done, moved = (request.args.get(name, type=uuid.UUID) for name in ("fortryd", "flyttet"))
    if done is not None:
        return Skridt("Opgaven er markeret som udført.", f"/opgaver/{done}/fortryd")
    before = request.args.get("fra", type=date.fromisoformat)
    if moved is not None and before is not None:
        return Skridt("Fristen er flyttet.", f"/opgaver/{moved}/flyt", before.isoformat())
    return None
