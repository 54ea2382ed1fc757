"""Pages on which a restancesag moves: its own page, its events, its end, and whom it is about."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import (
    IkkeFundet,
    Ret,
    current_helhedsplan_id,
    current_user,
    current_user_id,
    har_ret,
    hent,
    kræver,
)
from rådgivning.adgang.users import brugere
from rådgivning.beboere.residents import hent_beboere
from rådgivning.database import current_session, today
from rådgivning.henvisninger.forms import HvemForm
from rådgivning.henvisninger.handling import labels
from rådgivning.henvisninger.matching import forslag, søgte, tilbyd
from rådgivning.nøgler.opening import destroy_key
from rådgivning.plan.lister import valg
from rådgivning.restancer import attempt_views, cases, list_proposals, own, worklist
from rådgivning.restancer.deadlines import er_arbejdsdag
from rådgivning.restancer.forms import HændelseForm, LukForm
from rådgivning.restancer.models import Hændelse, Restancesag, RestancesagData
from rådgivning.restancer.order import bemærkninger
from rådgivning.restancer.phases import FASER, VEJEN, huskeliste
from rådgivning.restancer.storing import readable
from rådgivning.restancer.tenancies import knyt_lejemål

KILDE = "opkrævning"


def add_pages(bp: Blueprint) -> None:
    """The pages of one case's way."""
    both = ["GET", "POST"]
    bp.add_url_rule("/<uuid:id>/hændelse", view_func=ny_hændelse, methods=both)
    bp.add_url_rule("/<uuid:id>/hændelser/<uuid:trin>", view_func=ret_hændelse, methods=both)
    bp.add_url_rule("/<uuid:id>/hændelser/<uuid:trin>/annullér", view_func=annullér, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/luk", view_func=luk, methods=both)
    bp.add_url_rule("/<uuid:id>/genåbn", view_func=genåbn, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/beboer", view_func=beboer, methods=both)


def side(sag: Restancesag) -> ResponseReturnValue:
    """A case's page for the beboerrådgiver."""
    session = current_session()
    line = worklist.vis_sag(session, sag)
    known = hent_beboere(session, [sag.beboer_id], "beboer på restancesag")
    return render_template(
        "restancer/sag.html",
        linje=line,
        beboer=known.get(sag.beboer_id) if sag.beboer_id else None,
        husk=huskeliste(line.stand),
        bemærkninger=bemærkninger(line.data.hændelser if line.data else []),
        navne={bruger.id: bruger.navn for bruger in brugere(session, sag.helhedsplan_id)},
        i_dag=today(),
        etiket=labels(),
        forslag=list_proposals.åbne_forslag(session, [sag.id]),
        **attempt_views.sagsside(sag, line.data),
    )


def allowed(id: uuid.UUID) -> Restancesag:  # noqa: A002
    """Any case of the helhedsplan for the beboerrådgiver, else only an own one; raises IkkeFundet."""
    session = current_session()
    if har_ret(Ret.RESTANCER):
        return hent(session, Restancesag, id)
    return own.hent_egen_sag(session, id, current_user().boligorganisation)


def _kilde() -> str:
    """Who says so, when it need not be asked."""
    return "" if har_ret(Ret.RESTANCER) else KILDE


def _event_form(form: HændelseForm | LukForm) -> None:
    form.kilde.choices = valg(current_session(), current_helhedsplan_id(), "henvisningskilde")
    if _kilde():
        del form.kilde


def _phases(*, også: str = "") -> list[tuple[str, str]]:
    road = {fase.nøgle for fase in VEJEN} | {også}
    return [
        choice for choice in valg(current_session(), current_helhedsplan_id(), "restance_fase") if choice[0] in road
    ]


def _to_case(id: uuid.UUID, *beskeder: str) -> ResponseReturnValue:  # noqa: A002
    current_session().commit()
    for besked in beskeder:
        flash(besked)
    return redirect(url_for("restancer.vis", id=id), 303)


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def ny_hændelse(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Add a step: påkrav, ophævelse, fogedmøde, berammet udsættelse."""
    sag = readable(current_session(), allowed(id))
    form = HændelseForm()
    _event_form(form)
    form.fase.choices = _phases()
    if not form.is_submitted():
        form.dato.process_data(today())
        form.fase.process_data(request.args.get("fase", ""))
    if form.validate_on_submit():
        var_lukket = sag.lukket is not None
        after = cases.tilføj_hændelse(current_session(), id, form.som_hændelse(_kilde()))
        opened = har_ret(Ret.RESTANCER) and var_lukket and after.lukket is None
        return _to_case(id, "Hændelsen er gemt, og fristen er regnet ud igen.", *_noted(form, opened=opened))
    page = render_template("restancer/hændelse.html", form=form, sag=sag, trin=None)
    return page, 422 if form.is_submitted() else 200


def _noted(form: HændelseForm, *, opened: bool = False) -> list[str]:
    """What is told of an event that was kept as it was typed."""
    notes = []
    if opened:
        notes.append("Sagen var lukket og er nu åben igen, fordi der er sket noget, efter den blev lukket.")
    if form.frist.data and not er_arbejdsdag(form.frist.data):
        notes.append("Datoen i brevet er en dag, hvor der er lukket. Den er gemt, som den blev skrevet; er den rigtig?")
    return notes


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def ret_hændelse(id: uuid.UUID, trin: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Correct the dates or the source of a step."""
    sag, step = _step(id, trin)
    form = HændelseForm(data={**step.model_dump(), "formular_id": step.id})
    _event_form(form)
    form.fase.choices = _phases(også=step.fase)
    form.fase.process_data(step.fase)
    if "fremme" not in FASER[step.fase].kræver:
        del form.fremme
    if form.validate_on_submit() and _corrected(id, form, trin):
        return _to_case(id, "Hændelsen er rettet.", *_noted(form))
    page = render_template("restancer/hændelse.html", form=form, sag=sag, trin=step, etiket=labels())
    return page, 422 if form.is_submitted() else 200


def _corrected(id: uuid.UUID, form: HændelseForm, trin: uuid.UUID) -> bool:  # noqa: A002
    """Correct the event, or put at the field why not."""
    event = form.som_hændelse(_kilde()).model_copy(update={"id": trin})
    return _done(form, lambda: cases.ret_hændelse(current_session(), id, event, kun_meldt=not har_ret(Ret.RESTANCER)))


def _done(form: HændelseForm | LukForm, change: Callable[[], Restancesag]) -> bool:
    """Whether the change was possible; else its error stands at the field."""
    try:
        change()
    except cases.SagFejl as fejl:
        form[fejl.felt].errors = [str(fejl)]
        return False
    return True


def _step(id: uuid.UUID, trin: uuid.UUID) -> tuple[Restancesag, Hændelse]:  # noqa: A002
    """The case and one of its steps; a reporter's own steps only."""
    allowed(id)
    sag, data = cases.hent_sag(current_session(), id)
    seen = data.hændelser if har_ret(Ret.RESTANCER) else own.som_meldt(data.hændelser, current_user_id())
    for step in seen:
        if step.id == trin and not step.annulleret:
            return sag, step
    raise IkkeFundet("hændelse", id)


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def annullér(id: uuid.UUID, trin: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Take back a step that did not happen."""
    _step(id, trin)
    annul = cases.annullér_hændelse if har_ret(Ret.RESTANCER) else own.annullér_egen
    annul(current_session(), id, trin)
    return _to_case(id, "Hændelsen er annulleret.")


@kræver(Ret.RESTANCER, Ret.INDBERET_RESTANCE)
def luk(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Close a case with its outcome."""
    session = current_session()
    sag = readable(current_session(), allowed(id))
    form = LukForm()
    _event_form(form)
    form.udfald.choices = valg(session, current_helhedsplan_id(), "restance_udfald")
    if not form.is_submitted():
        form.dato.process_data(today())
    if form.validate_on_submit() and _closed(id, form):
        return _to_case(id, "Sagen er lukket.")
    return render_template("restancer/luk.html", form=form, sag=sag), 422 if form.is_submitted() else 200


def _closed(id: uuid.UUID, form: LukForm) -> bool:  # noqa: A002
    """Close the case, or put at the field why not."""
    assert form.dato.data is not None  # noqa: S101 - required and validated
    close = partial(
        cases.luk_sag,
        current_session(),
        id,
        udfald=form.udfald.data,
        dato=form.dato.data,
        kilde=_kilde() or form.kilde.data,
        hændelse_id=form.formular_id.data,
        kun_meldt=not har_ret(Ret.RESTANCER),
    )
    return _done(form, close)


@kræver(Ret.RESTANCER)
def genåbn(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Open a closed case again."""
    cases.genåbn_sag(current_session(), id)
    return _to_case(id, "Sagen er åben igen.")


@kræver(Ret.RESTANCER)
def beboer(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Link a case with a resident, with suggestions from what the case says."""
    session = current_session()
    hent(session, Restancesag, id)
    sag, data = cases.hent_sag(session, id)
    form = _hvem(sag, data)
    if "find_beboer" not in request.form and form.validate_on_submit():
        cases.knyt_beboer(session, id, **form.valgt())
        knyt_lejemål(session, id)
        session.commit()
        destroy_key(session, id)
        return _to_case(id, "Sagen er knyttet til beboeren.")
    found = søgte(session, form, request.form)
    page = render_template("restancer/beboer.html", form=form, sag=sag, data=data, træffere=found)
    return page, 422 if form.errors else 200


def _hvem(sag: Restancesag, data: RestancesagData) -> HvemForm:
    form = HvemForm()
    found = forslag(current_session(), navn=data.navn, telefon=data.telefon, adresse=data.adresse)
    tilbyd(form, found, sag.beboer_id)
    return form
