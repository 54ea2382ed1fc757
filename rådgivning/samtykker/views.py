"""Pages of the room: the overview, a new consent, and its withdrawal."""

from __future__ import annotations

import re
import uuid

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.beboere.residents import hent_beboer
from rådgivning.dansk import om_måneder
from rådgivning.database import current_session, today
from rådgivning.plan.lister import etiket, valg
from rådgivning.samtykker import consents
from rådgivning.samtykker.forms import SamtykkeFormular, TrækTilbageFormular
from rådgivning.samtykker.models import Samtykke, SamtykkeData

MODTAGERE = "samtykke_modtager"
GÆLDER_MÅNEDER = 6
VIS = ("gyldige", "udløber", "ophørte")
_BACK = re.compile(r"/samtykker(\?vis=[a-zø]+)?|/(beboere|restancer)/[0-9a-f-]{36}")


def make_blueprint() -> Blueprint:
    """`/samtykker`: all of them, a new one about a resident, withdrawn."""
    bp = Blueprint("samtykker", __name__, url_prefix="/samtykker")
    bp.add_url_rule("", view_func=liste)
    bp.add_url_rule("/ny/<uuid:beboer_id>", view_func=ny, methods=["GET", "POST"])
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
def ny(beboer_id: uuid.UUID) -> ResponseReturnValue:
    """Write down a consent. Nothing is chosen beforehand: what is shared is the resident's choice."""
    session = current_session()
    _row, beboer = hent_beboer(session, beboer_id, "nyt samtykke")
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session, Samtykke)
    start = {"givet": today(), "til": om_måneder(today(), GÆLDER_MÅNEDER)}
    form = SamtykkeFormular(kladde) if kladde else SamtykkeFormular(data=start)
    form.modtagere.choices = valg(session, current_helhedsplan_id(), MODTAGERE)
    if not form.validate_on_submit():
        page = render_template("samtykker/ny.html", form=form, kladde=kladde, beboer=beboer, beboer_id=beboer_id)
        return page, 200 if request.method == "GET" else 422
    data = SamtykkeData(
        formål=form.formål.data,
        modtagere=form.modtagere.data,
        måde=form.måde.data,
        givet=form.givet.data,
        ordlyd=form.ordlyd.data,
    )
    consents.giv(session, beboer_id, data, til=form.til.data, id=form.formular_id.data)
    slet_kladde(session, request.path)
    session.commit()
    flash("Samtykket er gemt.")
    return redirect(f"/beboere/{beboer_id}", 303)


@kræver(Ret.SAMTYKKER)
def træk_tilbage(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Ask once, since there is no way back; then it is withdrawn at once."""
    session = current_session()
    form = TrækTilbageFormular(data={"tilbage": request.args.get("tilbage", "")})
    back = form.tilbage.data if _BACK.fullmatch(form.tilbage.data or "") else "/samtykker"
    if not form.validate_on_submit():
        linje = consents.hent_samtykke(session, id, "træk samtykke tilbage")
        if not linje.stand.gælder:
            flash("Samtykket gælder ikke mere.", "advarsel")
            return redirect(back, 303)
        page = render_template("samtykker/træk_tilbage.html", form=form, data=linje.data, tilbage=back)
        return page, 422 if form.is_submitted() else 200
    consents.træk_tilbage(session, id)
    session.commit()
    flash("Samtykket er trukket tilbage og gælder ikke mere. Ombestemmer beboeren sig, registreres et nyt.")
    return redirect(back, 303)


def _recipient(nøgle: str) -> str:
    return etiket(current_session(), current_helhedsplan_id(), MODTAGERE, nøgle)
