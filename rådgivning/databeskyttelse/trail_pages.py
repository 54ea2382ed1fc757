"""The trail's pages: who did and read what, and whether anybody has touched the trail itself."""

from __future__ import annotations

import uuid

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.users import brugere
from rådgivning.database import current_session
from rådgivning.databeskyttelse.forms import SporFilter
from rådgivning.databeskyttelse.trail_search import Søgning, find_poster
from rådgivning.spor.check import tjek
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import afslut_fremmede, skriv


@kræver(Ret.SPOR)
def spor() -> ResponseReturnValue:
    """The trail, newest first. Looking at it is itself an entry."""
    session = current_session()
    navne = {str(b.id): b.navn for b in brugere(session, current_helhedsplan_id())}
    form = SporFilter(request.args)
    form.bruger.choices = list(navne.items())
    if not form.validate():
        return render_template("spor/spor.html", form=form, navne=navne, fund=None), 422
    afslut_fremmede(session)
    fund = find_poster(session, _search(form), request.args.get("side", 1, int))
    skriv(session, Handling.ÅBNET, "spor", anledning="se sporet", detaljer={"antal": len(fund.poster)})
    args = {name: value for name, value in request.args.items() if value and name in form and name != "side"}
    return render_template("spor/spor.html", form=form, navne=navne, fund=fund, args=args)


def _search(form: SporFilter) -> Søgning:
    return Søgning(
        kæde=form.kæde.data or str(current_helhedsplan_id()),
        bruger=uuid.UUID(form.bruger.data) if form.bruger.data else None,
        handling=form.handling.data,
        fra=form.fra.data,
        til=form.til.data,
        række=form.id.data,
    )


@kræver(Ret.SPOR)
def tjek_spor() -> ResponseReturnValue:
    """Check every chain, and say where one does not hold."""
    session = current_session()
    counted: list[int] = []
    brud = tjek(session, current_app.extensions["nøgler"].audit_key, counted.append)
    skriv(session, Handling.SYSTEM, "spor", anledning="tjek kæden", detaljer={"brud": len(brud)})
    session.commit()
    return render_template("spor/tjek.html", brud=brud, antal=counted[-1])
