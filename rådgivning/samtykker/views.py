"""Pages of the room: the overview, one consent, a new one with its paper, and its withdrawal."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from rådgivning.adgang.drafts import kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.beboere.residents import hent_beboer
from rådgivning.beboere.restriction import kræv_ubegrænset
from rådgivning.dansk import om_måneder
from rådgivning.database import current_session, today
from rådgivning.felter.text import UUID_TEXT
from rådgivning.plan.lister import etiket, valg
from rådgivning.plan.plans import plan
from rådgivning.samtykker import consents
from rådgivning.samtykker.forms import SamtykkeFormular, TrækTilbageFormular
from rådgivning.samtykker.models import Samtykke
from rådgivning.samtykker.paper_form import Blanket, blanket, som_pdf

MODTAGERE = "samtykke_modtager"
VIS = ("gyldige", "udløber", "ophørte")
_ID = "[0-9a-f-]{36}"
_BACK = re.compile(
    rf"/samtykker(\?vis=[a-zø]+|/{_ID})?|/(beboere|restancer|henvisninger)/{_ID}|/kontakter/(ny(/{_ID})?|{_ID}/ret)|/opgaver"
)


def make_blueprint() -> Blueprint:
    """`/samtykker`: all of them, a new one about a resident, its paper, one with its history, withdrawn."""
    bp = Blueprint("samtykker", __name__, url_prefix="/samtykker")
    bp.add_url_rule("", view_func=liste)
    bp.add_url_rule("/ny/<uuid:beboer_id>", view_func=ny, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>", view_func=vis)
    bp.add_url_rule("/<uuid:id>/træk-tilbage", view_func=træk_tilbage, methods=["GET", "POST"])
    bp.add_app_template_global(_recipient, "samtykke_modtager")
    return bp


@kræver(Ret.SAMTYKKER)
def liste() -> ResponseReturnValue:
    """Consents that hold, those that soon end, and those that are withdrawn or expired."""
    session = current_session()
    vis = request.args.get("vis", "")
    vis = vis if vis in VIS else VIS[0]
    side = sidetal()
    linjer, sider = consents.samtykker(session, vis, side)
    return render_template(
        "samtykker/liste.html", linjer=linjer, antal=consents.antal(session), vis=vis, side=side, sider=sider
    )


@kræver(Ret.SAMTYKKER)
def vis(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One consent, and those it took over from."""
    session = current_session()
    linje = consents.hent_samtykke(session, id, "vis samtykke")
    _row, beboer = hent_beboer(session, linje.samtykke.beboer_id, "vis samtykke")
    before = [s for s in consents.samtykker_fra(session, linje.samtykke.beboer_id) if s.samtykke.id != id]
    return render_template("samtykker/vis.html", linje=linje, beboer=beboer, andre=before)


@kræver(Ret.SAMTYKKER)
def ny(beboer_id: uuid.UUID) -> ResponseReturnValue:
    """Write down a consent, or print what is typed for her to sign. Nothing is chosen beforehand unless an earlier one
    is renewed: what is shared is the resident's choice."""
    session = current_session()
    kræv_ubegrænset(session, beboer_id)
    _row, beboer = hent_beboer(session, beboer_id, "nyt samtykke")
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session, Samtykke)
    regler = plan(session, current_helhedsplan_id()).samtykke
    start = {"givet": today(), "til": om_måneder(today(), regler.gælder_måneder), "tilbage": _wanted_back()}
    form = SamtykkeFormular(kladde) if kladde else SamtykkeFormular(data={**start, **_renewal(session, beboer_id)})
    form.regler = regler
    form.modtagere.choices = valg(session, current_helhedsplan_id(), MODTAGERE)
    if request.method == "POST" and ("blanket" in request.form or "pdf" in request.form):
        return _paper(session, form, beboer_id)
    back = form.tilbage.data if _BACK.fullmatch(form.tilbage.data or "") else f"/beboere/{beboer_id}"
    if not form.validate_on_submit():
        page = render_template(
            "samtykker/ny.html", form=form, kladde=kladde, beboer=beboer, beboer_id=beboer_id, tilbage=back
        )
        return page, 200 if request.method == "GET" else 422
    data = form.samtykke()
    data.fornyer = uuid.UUID(form.fornyer.data) if UUID_TEXT.fullmatch(form.fornyer.data or "") else None
    consents.giv(session, beboer_id, data, til=form.til.data, id=form.formular_id.data)
    slet_kladde(session, request.path)
    session.commit()
    flash("Samtykket er gemt.")
    return redirect(back, 303)


@kræver(Ret.SAMTYKKER)
def træk_tilbage(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Ask when, how and with what effect, since there is no way back; then it is withdrawn at once."""
    session = current_session()
    form = TrækTilbageFormular(data={"tilbage": request.args.get("tilbage", ""), "den": today()})
    back = form.tilbage.data if _BACK.fullmatch(form.tilbage.data or "") else "/samtykker"
    linje = consents.hent_til_tilbagetrækning(session, id)
    if not linje.stand.gælder:
        flash("Samtykket gælder ikke mere.", "advarsel")
        return redirect(back, 303)
    form.givet = linje.data.givet if linje.data else None
    if not form.validate_on_submit():
        page = render_template("samtykker/træk_tilbage.html", form=form, data=linje.data, tilbage=back)
        return page, 422 if form.is_submitted() else 200
    consents.træk_tilbage(session, id, den=form.den.data, måde=form.måde.data, virkning=form.virkning.data or "")
    session.commit()
    flash("Samtykket er trukket tilbage og gælder ikke mere. Du har fået en opgave om at sige det til modtagerne.")
    return redirect(back, 303)


def _wanted_back() -> str:
    text = request.args.get("tilbage", "")
    return text if _BACK.fullmatch(text) else ""


def _renewal(session: Session, beboer_id: uuid.UUID) -> dict[str, Any]:
    """What a renewal starts with: everything the earlier one said but when and how it was given."""
    text = request.args.get("fornyer", "")
    if not UUID_TEXT.fullmatch(text):
        return {}
    linje = consents.hent_samtykke(session, uuid.UUID(text), "nyt samtykke")
    if linje.samtykke.beboer_id != beboer_id or linje.data is None:
        raise IkkeFundet("samtykke", linje.samtykke.id)
    return {**linje.data.model_dump(include={"formål", "hvad", "modtagere", "andre"}), "fornyer": text}


def _paper(session: Session, form: SamtykkeFormular, beboer_id: uuid.UUID) -> ResponseReturnValue:
    """The form to sign, with what is typed and room for the rest; nothing is stored."""
    _row, beboer = hent_beboer(session, beboer_id, "blanket til samtykke")
    labels = dict(valg(session, current_helhedsplan_id(), MODTAGERE))
    recipients = [labels[key] for key in form.modtagere.data or () if key in labels and key != consents.ANDET]
    paper = blanket(session, beboer, form, [*recipients, *filter(None, [form.andre.data])])
    session.commit()
    return _file(paper) if "pdf" in request.form else render_template("samtykker/blanket.html", blanket=paper)


@frisk
def _file(paper: Blanket) -> ResponseReturnValue:
    headers = {"Content-Disposition": 'attachment; filename="samtykke.pdf"'}
    return Response(som_pdf(paper), mimetype="application/pdf", headers=headers)


def _recipient(nøgle: str) -> str:
    return etiket(current_session(), current_helhedsplan_id(), MODTAGERE, nøgle)
