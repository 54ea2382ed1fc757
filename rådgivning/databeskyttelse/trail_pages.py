"""The trail's pages: who did and read what, whether anybody has touched the trail itself, and the trail as a file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.database import current_session, now
from rådgivning.databeskyttelse.forms import SporFilter, UdtrækFormular
from rådgivning.databeskyttelse.trail_export import FORMATER, HØJST_XLSX
from rådgivning.databeskyttelse.trail_search import Søgning, alle_poster, antal_poster, find_poster
from rådgivning.databeskyttelse.unusual_review import navne
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.spor.check import tjek
from rådgivning.spor.heads import HovedFejl, hoveder, hovedtekst, i_grupper, læs_hoveder
from rådgivning.spor.models import Handling, Spor
from rådgivning.spor.trail import SYSTEM, Aktør, afslut_fremmede, aktør, skriv

_FOR_STORT = f"Excel kan højst få {HØJST_XLSX:,} poster. Vælg en kortere periode, CSV eller JSON.".replace(",", ".")


@kræver(Ret.SPOR)
def spor() -> ResponseReturnValue:
    """The trail, newest first. Looking at it is itself an entry."""
    session = current_session()
    names = navne(session, current_helhedsplan_id())
    form = SporFilter(request.args)
    form.bruger.choices = list(names.items())
    if not form.validate():
        return render_template("spor/spor.html", form=form, navne=names, fund=None), 422
    afslut_fremmede(session)
    fund = find_poster(session, _search(form), request.args.get("efter", None, int), ældste_først=_oldest_first(form))
    skriv(session, Handling.ÅBNET, "spor", anledning="se sporet", detaljer={"antal": len(fund.poster)})
    return render_template("spor/spor.html", **_shown(form, names), fund=fund, udtræk=_as_export(form))


def _shown(form: SporFilter, names: Mapping[str, str]) -> dict[str, Any]:
    args = {name: value for name, value in request.args.items() if value and name in form}
    return {"form": form, "navne": names, "args": args, "siden": "efter" in request.args}


def _oldest_first(form: SporFilter) -> bool:
    return bool(form.orden.data == "ældste")


def _search(form: SporFilter) -> Søgning:
    return Søgning(
        kæde=form.kæde.data or str(current_helhedsplan_id()),
        bruger=uuid.UUID(form.bruger.data) if form.bruger.data else None,
        handling=form.handling.data,
        genstand=form.genstand.data,
        fra=form.fra.data,
        til=form.til.data,
        række=form.id.data,
    )


def _as_export(form: SporFilter) -> UdtrækFormular:
    """The form that takes out what is shown."""
    export = UdtrækFormular(formdata=None, data=form.data | {"fil": "csv", "formular_id": None})
    export.bruger.choices = form.bruger.choices
    return export


@kræver(Ret.SPOR)
@frisk
def udtræk() -> ResponseReturnValue:
    """Take the entries that fit out as a file. How many and in which form stands in the trail before the first byte."""
    session = current_session()
    names = navne(session, current_helhedsplan_id())
    form = UdtrækFormular()
    form.bruger.choices = list(names.items())
    if not form.validate():
        return render_template("spor/udtræk.html", form=form), 422
    afslut_fremmede(session)
    search = _search(form)
    antal, last = antal_poster(session, search)
    if form.fil.data == "xlsx" and antal > HØJST_XLSX:
        form.fil.errors = [_FOR_STORT]
        return render_template("spor/udtræk.html", form=form), 422
    skriv(session, Handling.EKSPORTERET, "spor", anledning=form.fil.data, detaljer={"antal": antal, "til_nr": last})
    session.commit()
    _title, mimetype, write = FORMATER[form.fil.data]
    kontekst: Nøglekontekst = current_app.extensions["nøgler"]
    body = write(_entries(kontekst, aktør(session), search, last), names)
    headers = {"Content-Disposition": f"attachment; filename=spor-{now():%Y-%m-%d}.{form.fil.data}"}
    return Response(body, mimetype=mimetype, headers=headers)


def _entries(kontekst: Nøglekontekst, who: Aktør, search: Søgning, last: int) -> Iterator[Spor]:
    """The entries in a Session of their own: the request's is gone when the file is being sent."""
    with kontekst.session(who) as session:
        yield from alle_poster(session, search, last)


@kræver(Ret.SPOR)
def hoved() -> ResponseReturnValue:
    """The heads of the helhedsplan's chain and of the system's, to be printed and kept elsewhere."""
    session = current_session()
    heads = hoveder(session, [str(current_helhedsplan_id()), SYSTEM])
    skriv(session, Handling.ÅBNET, "spor", anledning="se hovedet")
    at = now()
    shown = [(head, i_grupper(head.mac)) for head in heads]
    return render_template("spor/hoved.html", hoveder=shown, tekst=hovedtekst(heads, at), nu=at, fejl="", typed="")


@kræver(Ret.SPOR)
def tjek_spor() -> ResponseReturnValue:
    """Check every chain, and say where one does not hold, or where it is another than a head kept elsewhere says."""
    session = current_session()
    typed = request.form.get("hoved", "")
    try:
        known = læs_hoveder(typed) if typed.strip() else []
    except HovedFejl as fejl:
        at, heads = now(), hoveder(session, [str(current_helhedsplan_id()), SYSTEM])
        shown = [(head, i_grupper(head.mac)) for head in heads]
        page = render_template(
            "spor/hoved.html", hoveder=shown, tekst=hovedtekst(heads, at), nu=at, fejl=str(fejl), typed=typed
        )
        return page, 422
    counted: list[int] = []
    brud = tjek(session, current_app.extensions["nøgler"].audit_key, counted.append, known)
    detaljer = {"brud": len(brud), **({"hoveder": len(known)} if known else {})}
    skriv(session, Handling.SYSTEM, "spor", anledning="tjek kæden", detaljer=detaljer)
    session.commit()
    return render_template("spor/tjek.html", brud=brud, antal=counted[-1], kendte=known)
