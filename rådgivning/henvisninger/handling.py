"""Pages on which the beboerrådgiver takes a referral up, matches it with a resident and closes it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.drafts import kasseres, kassér_kladde, side_kladde
from rådgivning.adgang.kladder import slet_kladde
from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, current_user_id, hent, kræver
from rådgivning.beboere.residents import hent_beboere
from rådgivning.database import current_session
from rådgivning.henvisninger import intake
from rådgivning.henvisninger.forms import AfslutForm, HvemForm, TagOpForm
from rådgivning.henvisninger.matching import forslag, søgte, tilbyd
from rådgivning.henvisninger.models import Henvisning, HenvisningData, Status
from rådgivning.henvisninger.shown import må_vide_om_kontakt
from rådgivning.nøgler.opening import destroy_key
from rådgivning.opgaver.views import Sammenhæng, ny_side
from rådgivning.plan.lister import etiket, valg


def add_pages(bp: Blueprint) -> None:
    """The beboerrådgiver's pages of the room."""
    bp.add_url_rule("/<uuid:id>/tag-op", view_func=tag_op, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/beboer", view_func=beboer, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/afslut", view_func=afslut, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/kontakt-opnået", view_func=kontakt_opnået, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/tilbage", view_func=tilbage, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/opgave", view_func=ny_opgave, methods=["GET", "POST"])


def labels() -> Callable[[str, str], str]:
    """The label of a list's key, for templates."""
    session, plan_id = current_session(), current_helhedsplan_id()
    return lambda liste, nøgle: etiket(session, plan_id, liste, nøgle)


def side(henvisning: Henvisning, form: HvemForm | None = None, status: int = 200) -> ResponseReturnValue:
    """A referral's page; `form` is one that was sent and has errors."""
    session = current_session()
    data, behandling = intake.vis_henvisning(session, henvisning)
    if data is not None and form is None:
        form = _form(henvisning, data)
    known = hent_beboere(session, [henvisning.beboer_id], "beboer på henvisning")
    page = render_template(
        "henvisninger/behandling.html",
        henvisning=henvisning,
        data=data,
        behandling=behandling,
        beboer=known.get(henvisning.beboer_id) if henvisning.beboer_id else None,
        andre=intake.andre_om_samme(session, henvisning, data) if data else [],
        form=form,
        træffere=søgte(session, form, request.form),
        egen=henvisning.ejer_id == current_user_id(),
        deles=må_vide_om_kontakt(session, henvisning),
        art=intake.ART.get(data.grund, "opsøgende") if data else "",
        etiket=labels(),
    )
    return page, status


def _form(henvisning: Henvisning, data: HenvisningData) -> HvemForm:
    """Who is it about, with suggestions; while it is new also the follow-up."""
    session = current_session()
    new = henvisning.status == Status.MODTAGET
    kind = TagOpForm if new else HvemForm
    kladde = side_kladde(session)
    form = kind(formdata=kladde) if kladde else kind()
    keep = "Behold den beboer, der er knyttet til" if henvisning.beboer_id else "Tag op uden at knytte en beboer til"
    found = forslag(session, navn=data.navn, telefon=data.telefon, adresse=data.adresse)
    tilbyd(form, found, henvisning.beboer_id, (("uden", keep),) if new else ())
    if isinstance(form, TagOpForm) and not form.is_submitted() and kladde is None:
        form.frist.process_data(intake.opfølgning(henvisning.hast))
        if henvisning.beboer_id is not None:
            form.hvem.process_data("uden")
    return form


@kræver(Ret.HENVISNINGER)
def tag_op(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Take a referral up."""
    session = current_session()
    henvisning = hent(session, Henvisning, id)
    if henvisning.status != Status.MODTAGET and henvisning.rådgiver_id == current_user_id():
        return redirect(url_for("henvisninger.vis", id=id), 303)
    form, answer = _asked(henvisning)
    if form is None:
        return answer
    frist = form.frist.data if isinstance(form, TagOpForm) else None
    henvisning = intake.tag_op(session, id, **form.valgt(), frist=frist)
    return _matched(henvisning, "Du har taget henvisningen op.")


@kræver(Ret.HENVISNINGER)
def beboer(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Match a referral that was taken up with a resident, or correct the match."""
    session = current_session()
    henvisning = hent(session, Henvisning, id)
    form, answer = _asked(henvisning)
    if form is None:
        return answer
    return _matched(intake.skift_beboer(session, id, **form.valgt()), "Henvisningen er knyttet til beboeren.")


def _asked(henvisning: Henvisning) -> tuple[HvemForm | None, ResponseReturnValue]:
    """The answered form; or None and the page to show instead (not sent yet, a search, errors, erased meanwhile)."""
    data, _behandling = intake.vis_henvisning(current_session(), henvisning)
    if data is None or request.method == "GET":
        return None, side(henvisning)
    form = _form(henvisning, data)
    if "find_beboer" in request.form:
        return None, side(henvisning, form, 200 if form.beboer_tekst.validate(form) else 422)
    return (form, "") if form.validate() else (None, side(henvisning, form, 422))


def _matched(henvisning: Henvisning, besked: str) -> ResponseReturnValue:
    """Commit, and only then destroy the key that nothing is sealed under any more."""
    session = current_session()
    slet_kladde(session, request.path)
    matched, row = henvisning.beboer_id is not None, henvisning.id
    session.commit()
    if matched:
        destroy_key(session, row)
        session.commit()
    flash(besked)
    return redirect(url_for("henvisninger.vis", id=row), 303)


@kræver(Ret.HENVISNINGER)
def kontakt_opnået(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Say that somebody has talked with the resident."""
    session = current_session()
    intake.kontakt_opnået(session, id)
    session.commit()
    flash("Den, der henviste, kan nu se, at der er opnået kontakt.")
    return redirect(url_for("henvisninger.vis", id=id), 303)


@kræver(Ret.HENVISNINGER)
def afslut(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Close a referral with how it ended."""
    session = current_session()
    henvisning = hent(session, Henvisning, id)
    if kasseres():
        return kassér_kladde(session)
    kladde = side_kladde(session)
    form = AfslutForm(formdata=kladde) if kladde else AfslutForm()
    form.udfald.choices = valg(session, current_helhedsplan_id(), "udfald")
    if form.validate_on_submit():
        intake.afslut(session, id, udfald=form.udfald.data, note=form.note.data)
        slet_kladde(session, request.path)
        session.commit()
        flash("Henvisningen er afsluttet.")
        return redirect(url_for("henvisninger.vis", id=id), 303)
    page = render_template("henvisninger/afslut.html", form=form, henvisning=henvisning, kladde=kladde)
    return page, 422 if form.is_submitted() else 200


@kræver(Ret.HENVISNINGER)
def tilbage(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Undo the last status."""
    session = current_session()
    intake.et_skridt_tilbage(session, id, request.form.get("fra", ""))
    session.commit()
    flash("Henvisningen er sat et skridt tilbage.")
    return redirect(url_for("henvisninger.vis", id=id), 303)


@kræver(Ret.HENVISNINGER)
def ny_opgave(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """A task about the referral and its resident."""
    henvisning = hent(current_session(), Henvisning, id)
    om = Sammenhæng(henvisning.beboer_id, henvisning_id=id, tilbage=url_for("henvisninger.vis", id=id))
    return ny_side(om)
