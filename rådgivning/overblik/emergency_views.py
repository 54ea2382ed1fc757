"""Pages of break-glass and of planned stand-ins: open, look at, end."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from rådgivning.adgang.drafts import side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.models import Nødadgang
from rådgivning.adgang.permissions import Konflikt, Ret, Rolle, current_role, current_user_id, hent, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.adgang.typed import typed_again
from rådgivning.beboere.colleagues import kolleger, rådgivere
from rådgivning.beboere.models import Beboer
from rådgivning.beboere.residents import hent_beboere
from rådgivning.database import current_session
from rådgivning.nøgler.covering import deler_noter, ejer
from rådgivning.nøgler.opening import SealedRow
from rådgivning.overblik import emergency, standins
from rådgivning.overblik.emergency import Årsag
from rådgivning.overblik.forms import NødadgangFormular, VikarFormular
from rådgivning.spor.models import Handling


def add_pages(bp: Blueprint) -> None:
    """`/nødadgang` and `/vikar`."""
    bp.add_url_rule("/nødadgang", view_func=nødadgange)
    bp.add_url_rule("/nødadgang/beboer/<uuid:beboer_id>", view_func=åbn_nødadgang, methods=["GET", "POST"])
    uden = "/nødadgang/sag/<tabel>/<uuid:sag_id>"
    bp.add_url_rule(uden, view_func=åbn_uden_beboer, methods=["GET", "POST"])
    bp.add_url_rule("/nødadgang/<uuid:adgang_id>", view_func=nødadgang)
    bp.add_url_rule("/nødadgang/<uuid:adgang_id>/slut", view_func=slut_nødadgang, methods=["POST"])
    bp.add_url_rule("/vikar/ny", view_func=ny_vikar, methods=["GET", "POST"])
    bp.add_url_rule("/vikar/<uuid:vikar_id>/slut", view_func=slut_vikar, methods=["POST"])


@kræver(Ret.NØDADGANG, Ret.RETTIGHEDER)
def nødadgange() -> ResponseReturnValue:
    """Who has opened, or stands in for, whom: everything for databeskyttelse, what concerns her for everybody else."""
    session = current_session()
    return render_template(
        "overblik/nødadgange.html",
        adgange=emergency.nødadgange(session),
        vikarer=standins.vikarer(session),
        tilsyn=current_role() == Rolle.DATABESKYTTELSE,
        deles=current_role() != Rolle.DATABESKYTTELSE and deler_noter(session),
    )


@kræver(Ret.NØDADGANG)
@frisk
def åbn_nødadgang(beboer_id: uuid.UUID) -> ResponseReturnValue:
    """Open a colleague's resident with a reason and for a time."""
    session = current_session()
    beboer = hent(session, Beboer, beboer_id)

    def name() -> str:
        data = hent_beboere(session, [beboer_id], "åbn med nødadgang").get(beboer_id)
        return data.navn if data else "Slettet"

    return _ask(session, beboer, f"/beboere/{beboer_id}", name, partial(emergency.åbn, session, beboer_id))


@kræver(Ret.NØDADGANG)
@frisk
def åbn_uden_beboer(tabel: str, sag_id: uuid.UUID) -> ResponseReturnValue:
    """Open a colleague's anonymous contact, or another row about nobody, in the same way."""
    session = current_session()
    row = emergency.hent_uden_beboer(session, tabel, sag_id)
    if row.beboer_id is not None:
        return redirect(f"/nødadgang/beboer/{row.beboer_id}", 303)
    _model, hvad, sted = emergency.UDEN_BEBOER[tabel]
    act = partial(emergency.åbn_uden_beboer, session, tabel, sag_id)
    return _ask(session, row, sted.format(sag_id), hvad.capitalize, act)


def _ask(
    session: Session, row: SealedRow, side: str, hvad: Callable[[], str], act: Callable[..., object]
) -> ResponseReturnValue:
    """Why and for how long; then it is open and its page shown."""
    kladde = side_kladde(session)
    form = NødadgangFormular(kladde) if kladde else NødadgangFormular()
    whose = ejer(session, row)
    if not form.is_submitted() and (whose is None or emergency.ser_alt(session, row)):
        flash("Du kan allerede se det hele.", "info")
        return redirect(side, 303)
    if not form.validate_on_submit():
        kollega = emergency.navne(session, {whose}).get(whose, "") if whose else ""
        page = render_template("overblik/nødadgang_ny.html", form=form, side=side, hvad=hvad(), kollega=kollega)
        return page, 422 if form.is_submitted() else 200
    try:
        act(Årsag(form.årsag.data), form.begrundelse.data, int(form.varighed.data), form.formular_id.data)
    except Konflikt as konflikt:
        flash(str(konflikt), "info")
        return redirect(side, 303)
    slet_kladde(session, request.path)
    session.commit()
    flash("Åbnet med nødadgang. Kollegaen og databeskyttelse har fået besked.")
    return redirect(side, 303)


@kræver(Ret.NØDADGANG, Ret.RETTIGHEDER)
def nødadgang(adgang_id: uuid.UUID) -> ResponseReturnValue:
    """One access, and what was read meanwhile."""
    session = current_session()
    adgang = emergency.hent_adgang(session, adgang_id)
    linje = emergency.linjer(session, [Nødadgang.id == adgang_id])[0]
    return render_template(
        "overblik/nødadgang.html",
        linje=linje,
        læst=emergency.læst_imens(session, adgang),
        handlinger={Handling.ÅBNET: "Læst", Handling.ÆNDRET: "Ændret", Handling.SLETTET: "Slettet"},
        tilsyn=current_role() == Rolle.DATABESKYTTELSE,
    )


@kræver(Ret.NØDADGANG, Ret.RETTIGHEDER)
def slut_nødadgang(adgang_id: uuid.UUID) -> ResponseReturnValue:
    """End an access before its time."""
    session = current_session()
    emergency.slut(session, adgang_id)
    session.commit()
    flash("Nødadgangen er slut.")
    return redirect("/nødadgang", 303)


@kræver(Ret.NØDADGANG, Ret.RETTIGHEDER)
@frisk
def ny_vikar() -> ResponseReturnValue:
    """Name a stand-in: for oneself, or as databeskyttelse for anybody."""
    session = current_session()
    kladde = side_kladde(session)
    form = VikarFormular(kladde) if kladde else VikarFormular(**typed_again())
    tilsyn = current_role() == Rolle.DATABESKYTTELSE
    everybody = rådgivere(session, også_spærrede=True)
    form.for_id.choices = [(str(b.id), b.navn) for b in everybody if tilsyn or b.id == current_user_id()]
    others = rådgivere(session) if tilsyn else kolleger(session)
    form.vikar_id.choices = [(str(b.id), b.navn) for b in others]
    if not tilsyn:
        form.for_id.data = str(current_user_id())
    if not form.validate_on_submit() or form.fra.data is None or form.til.data is None:
        page = render_template("overblik/vikar_ny.html", form=form, tilsyn=tilsyn, kolleger=others)
        return page, 422 if request.method == "POST" else 200
    standins.navngiv(
        session,
        for_id=uuid.UUID(form.for_id.data),
        vikar_id=uuid.UUID(form.vikar_id.data),
        fra=form.fra.data,
        til=form.til.data,
        id=form.formular_id.data,
    )
    slet_kladde(session, request.path)
    session.commit()
    flash("Vikaren er navngivet, og begge har fået besked.")
    return redirect("/nødadgang", 303)


@kræver(Ret.NØDADGANG, Ret.RETTIGHEDER)
def slut_vikar(vikar_id: uuid.UUID) -> ResponseReturnValue:
    """End a stand-in."""
    session = current_session()
    standins.slut(session, vikar_id)
    session.commit()
    flash("Vikariatet er slut.")
    return redirect("/nødadgang", 303)
