"""Pages of the room: the form in which a contact is logged and corrected."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rådgivning.adgang.drafts import kassér_kladde, side_kladde
from rådgivning.adgang.kladder import gem_kladde, slet_kladde
from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, hent, kræver
from rådgivning.beboere.residents import hent_beboer, opret_beboer
from rådgivning.database import current_session
from rådgivning.kontakter import import_views, log_views, who
from rådgivning.kontakter.forms import KontaktForm
from rådgivning.kontakter.log import AfdelingMangler, KontaktÆndret, hent_kontakt, log_kontakt, ret_kontakt
from rådgivning.kontakter.models import Kontakt, KontaktData
from rådgivning.kontakter.prefill import forvalg, fra_aftale, husk_vaner, sæt_valg
from rådgivning.kontakter.presentation import beskriv, forskelle
from rådgivning.nøgler.errors import Shredded
from rådgivning.nøgler.opening import kræv_hel
from rådgivning.samtykker.sharing import SamtykkeMangler

INTET_SAMTYKKE = "Beboeren havde ikke givet samtykke til det den dag. Registrér samtykket, eller svar nej."
ANONYM_DELT = "Om en anonym kan der ikke gives oplysninger videre. Vælg beboeren, eller svar nej."
UKENDT_ART = "Den slags kontakt findes ikke. Vælg en af listen."
_OWN_FORM = re.compile(r"/kontakter/(ny(/[0-9a-f-]{36})?|[0-9a-f-]{36}/ret)")


def make_blueprint() -> Blueprint:
    """`/kontakter`: the form, the log, the import."""
    pages = Blueprint("kontakter", __name__, url_prefix="/kontakter")
    both = ["GET", "POST"]
    pages.add_url_rule("/ny", "ny", ny, methods=both)
    pages.add_url_rule("/ny/<uuid:beboer_id>", "ny", ny, methods=both)
    pages.add_url_rule("/<uuid:id>/ret", "ret", ret, methods=both)
    pages.add_url_rule("/kassér", "kassér", kassér, methods=["POST"])
    log_views.add_routes(pages)
    import_views.add_routes(pages)
    return pages


@kræver(Ret.KONTAKTER)
def ny(beboer_id: uuid.UUID | None = None) -> ResponseReturnValue:
    """Log a contact. A resident's form has a path of her own, so that its draft can never show up in another's."""
    if "beboer" in request.args:
        return redirect(_own_path(), 303)
    session = current_session()
    if request.method == "POST":
        form = KontaktForm()
        sæt_valg(session, current_helhedsplan_id(), form)
        return _save_new(session, form)
    form, draft = _new_form(session, beboer_id)
    art = request.args.get("art", "")
    unknown = bool(art) and art not in {choice.value for choice in form.art.choices}
    if unknown:
        form.art.errors = [UKENDT_ART]
    return _page(session, form, draft=draft), 422 if unknown else 200


@kræver(Ret.KONTAKTER)
def ret(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Correct a contact; what it said before stays in its history."""
    session = current_session()
    kontakt, data = hent_kontakt(session, id, "ret kontakt")
    kræv_hel(session, kontakt)
    if request.method == "POST":
        form = KontaktForm()
        sæt_valg(session, kontakt.helhedsplan_id, form, data)
        return _save_change(session, form, kontakt)
    draft = side_kladde(session)
    form = KontaktForm(draft) if draft else KontaktForm(data=_form_values(kontakt, data))
    sæt_valg(session, kontakt.helhedsplan_id, form, data)
    return _page(session, form, draft=bool(draft), kontakt=kontakt)


@kræver(Ret.KONTAKTER)
def kassér() -> ResponseReturnValue:
    """Throw the draft of one of the room's forms away and open it empty."""
    formular = request.args.get("formular", "")
    if not _OWN_FORM.fullmatch(formular):
        raise IkkeFundet("kladde")
    return kassér_kladde(current_session(), formular)


def _own_path() -> str:
    """The path of the form of the resident named in `?beboer=`."""
    try:
        beboer_id = uuid.UUID(request.args["beboer"])
    except ValueError:
        raise IkkeFundet("beboer") from None
    kept: dict[str, Any] = {name: request.args.get(name) or None for name in ("art", "kilde")}
    return url_for("kontakter.ny", beboer_id=beboer_id, **kept)


def _new_form(session: Session, beboer_id: uuid.UUID | None) -> tuple[KontaktForm, bool]:
    """The form with its draft or its defaults; a draft that has become a contact meanwhile is forgotten."""
    beboer = hent_beboer(session, beboer_id, "ny kontakt")[1] if beboer_id else None
    draft = side_kladde(session, Kontakt)
    form = KontaktForm(draft) if draft else None
    if form is None:
        values = forvalg(session, current_helhedsplan_id(), request.args.get("art", ""), beboer)
        values["kilde"] = request.args.get("kilde") or values["kilde"]
        if (aftale := request.args.get("aftale", type=uuid.UUID)) is not None:
            values |= fra_aftale(session, aftale)
        form = KontaktForm(data=values | ({"beboer_id": str(beboer_id)} if beboer_id else {}))
    sæt_valg(session, current_helhedsplan_id(), form)
    return form, bool(draft)


def _save_new(session: Session, form: KontaktForm) -> ResponseReturnValue:
    if (first := _already_logged(session, form)) is not None:
        return _saved(first)
    if "find_beboer" in request.form:
        return _searched(session, form)
    valid = form.validate()
    hvem = who.afgør(session, form)
    if not valid or hvem.fejl:
        return _again(session, form, hvem)
    try:
        kontakt = _log(session, form, hvem)
        session.commit()
    except (IkkeFundet, Shredded, AfdelingMangler, SamtykkeMangler) as fejl:
        return _again(session, form, _explain(form, fejl))
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one was first.
        session.rollback()
        first = _already_logged(session, form)
        if first is None:
            raise
        return _saved(first)
    return _saved(kontakt)


def _searched(session: Session, form: KontaktForm, **more: Any) -> ResponseReturnValue:
    """The form with the residents found; nothing is looked up that may not be typed (a CPR number)."""
    if not form.beboer_søg.validate(form):
        return _page(session, form, **more), 422
    return _page(session, form, træffere=who.find(session, form), **more)


def _already_logged(session: Session, form: KontaktForm) -> Kontakt | None:
    number = form.formular_id.data
    return hent(session, Kontakt, number, egen=True) if session.get(Kontakt, number) is not None else None


def _log(session: Session, form: KontaktForm, hvem: who.Hvem) -> Kontakt:
    beboer_id = opret_beboer(session, hvem.ny).id if hvem.ny else hvem.beboer_id
    data = form.kontakt_data()
    if hvem.beboer_id is not None and form.afdeling_set.data != str(hvem.beboer_id):
        data.afdeling = ""
    dato = form.dato.data
    if dato is None:
        raise ValueError("a validated form has a date")
    number = form.formular_id.data
    kontakt = log_kontakt(session, data, dato=dato, beboer_id=beboer_id, opfølgning=form.opfølgning(), id=number)
    slet_kladde(session, request.path)
    husk_vaner(session, form.kontakt_data())
    return kontakt


def _saved(kontakt: Kontakt) -> ResponseReturnValue:
    own_page = url_for("kontakter.vis", id=kontakt.id)
    if kontakt.beboer_id is None:
        flash("Kontakten er gemt.")
        return redirect(own_page, 303)
    flash(Markup('Kontakten er gemt. <a href="{}">Se den, eller fortryd</a>').format(own_page))
    return redirect(f"/beboere/{kontakt.beboer_id}", 303)


def _save_change(session: Session, form: KontaktForm, kontakt: Kontakt) -> ResponseReturnValue:
    if "find_beboer" in request.form:
        return _searched(session, form, kontakt=kontakt)
    valid = form.validate()
    hvem = who.afgør(session, form)
    if not valid or hvem.fejl or form.dato.data is None:
        return _again(session, form, hvem, kontakt)
    version = int(form.version.data) if form.version.data.isdecimal() else 0
    try:
        beboer_id = opret_beboer(session, hvem.ny).id if hvem.ny else hvem.beboer_id
        values: dict[str, Any] = {"dato": form.dato.data, "beboer_id": beboer_id, "version": version}
        ret_kontakt(session, kontakt.id, form.kontakt_data(), **values)
        slet_kladde(session, request.path)
        session.commit()
    except (Shredded, AfdelingMangler, SamtykkeMangler) as fejl:
        return _again(session, form, _explain(form, fejl), kontakt)
    except IkkeFundet as fejl:
        if fejl.genstand != "beboer":
            raise
        return _again(session, form, _explain(form, fejl), kontakt)
    except KontaktÆndret as fejl:
        return _conflict(session, form, fejl)
    flash("Rettelsen er gemt.")
    return redirect(url_for("kontakter.vis", id=kontakt.id), 303)


def _explain(form: KontaktForm, fejl: Exception) -> who.Hvem:
    """Put the reason why nothing was saved at its field."""
    if isinstance(fejl, AfdelingMangler):
        form.afdeling_set.data = str(form.beboer_id.beboer_id or "")
        who.fejl_ved(form.afdeling, who.MANGLER_AFDELING)
    elif isinstance(fejl, SamtykkeMangler):
        who.fejl_ved(form.brobygning_delt, INTET_SAMTYKKE if fejl.beboer_id else ANONYM_DELT)
    else:
        form.beboer_id.vælg("")
        who.fejl_ved(form.beboer_søg, who.SLETTET)
    return who.Hvem(fejl=True)


def _conflict(session: Session, form: KontaktForm, fejl: KontaktÆndret) -> ResponseReturnValue:
    """Both versions: the saved one in words, the typed one in the form. Saving again is then a choice."""
    plan_id, kontakt, dato = fejl.kontakt.helhedsplan_id, fejl.kontakt, form.dato.data
    saved = beskriv(session, plan_id, fejl.gældende, kontakt.dato)
    mine = beskriv(session, plan_id, fejl.forsøgt.model_copy(update={"aldersgruppe": fejl.gældende.aldersgruppe}), dato)
    form.version.data = str(kontakt.version)
    return _page(session, form, kontakt=kontakt, konflikt=forskelle(saved, mine)), 409


def _again(session: Session, form: KontaktForm, hvem: who.Hvem, kontakt: Kontakt | None = None) -> ResponseReturnValue:
    """The form with its messages; whatever was begun is undone."""
    kontakt_id = kontakt.id if kontakt is not None else None
    session.rollback()
    again = hent(session, Kontakt, kontakt_id) if kontakt_id is not None else None
    return _page(session, form, træffere=hvem.træffere, kontakt=again, samtykke_url=_consent_page(session, form)), 422


def _consent_page(session: Session, form: KontaktForm) -> str:
    """Where the missing consent of a known resident is written down; what is typed here waits as the page's draft."""
    beboer_id = form.beboer_id.beboer_id
    if INTET_SAMTYKKE not in form.brobygning_delt.errors or beboer_id is None or form.beboer_id.anonym:
        return ""
    gem_kladde(session, request.path, request.form.to_dict(flat=False))
    session.commit()
    return url_for("samtykker.ny", beboer_id=beboer_id, tilbage=request.path)


def _page(session: Session, form: KontaktForm, *, draft: bool = False, træffere: Any = None, **more: Any) -> str:
    form.beboer_id.som_knapper = træffere is not None
    return render_template(
        "kontakter/formular.html",
        form=form,
        kladde=draft,
        kladde_url=url_for("adgang.kladde", formular=request.path),
        fortryd_url=_back(),
        kassér_url=url_for("kontakter.kassér", formular=request.path),
        træffere=træffere,
        valgt="" if træffere is not None else who.valgt_tekst(session, form),
        **more,
    )


def _back() -> str:
    """Where "Fortryd" leads: the contact, the resident's page, or I dag. What was typed stays as a draft."""
    args = request.view_args or {}
    if "id" in args:
        return url_for("kontakter.vis", id=args["id"])
    return f"/beboere/{args['beboer_id']}" if "beboer_id" in args else "/"


def _form_values(kontakt: Kontakt, data: KontaktData) -> dict[str, Any]:
    values = data.model_dump(exclude={"faktum_id", "brobygning_faktum_id", "opgave_id"})
    values |= {"dato": kontakt.dato, "version": str(kontakt.version)}
    values["beboer_id"] = str(kontakt.beboer_id) if kontakt.beboer_id else "anonym"
    values["varighed"] = None if data.varighed is None else str(data.varighed)
    return values
