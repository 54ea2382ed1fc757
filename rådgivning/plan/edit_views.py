"""Pages on which the leder revises the plan: part by part in a draft, then published with a date and a reason."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.typed import typed_again
from rådgivning.database import current_session, today
from rådgivning.felter import DatoFelt, Formular, NotatFelt, SkjultFelt, højst, påkrævet
from rådgivning.plan import changes, checks, drafts, versions, words
from rådgivning.plan.drafts import Kladde, KladdeÆndret
from rådgivning.plan.edit_forms import DelForm, form_for
from rådgivning.plan.forms import versionsnummer
from rådgivning.plan.reader import PlanFejl
from rådgivning.plan.schema import Listenavn
from rådgivning.plan.text import Plantekst

ÉN = {
    "boligorganisation": "boligorganisation",
    "boligområde": "boligområde",
    "afdeling": "afdeling",
    "indsatsområde": "indsatsområde",
    "delmål": "delmål",
    "indikator": "indikator",
    "aktivitet": "aktivitet",
    "optælling": "optælling",
}


class UdgivForm(Formular):
    """From which day the revision holds, and why it is made."""

    gælder_fra = DatoFelt("Gælder fra", [påkrævet("Skriv datoen.")])
    grund = NotatFelt("Hvorfor ændres planen?", [påkrævet("Skriv, hvorfor."), højst(500)])
    nr = SkjultFelt()


def add_pages(pages: Blueprint) -> None:
    """`/plan` and what is below it."""
    pages.add_url_rule("/plan", view_func=planen)
    pages.add_url_rule("/plan/helhedsplan", view_func=ret_hoved, methods=["GET", "POST"])
    pages.add_url_rule("/plan/dele/<afsnit>", view_func=plandele)
    pages.add_url_rule("/plan/dele/<afsnit>/ny", view_func=ny_del, methods=["GET", "POST"])
    pages.add_url_rule("/plan/dele/<afsnit>/ret/<del_>", view_func=ret_del, methods=["GET", "POST"])
    pages.add_url_rule("/plan/dele/<afsnit>/flyt/<del_>", view_func=flyt_del, methods=["POST"])
    pages.add_url_rule("/plan/dele/<afsnit>/fjern/<del_>", view_func=fjern_del, methods=["POST"])
    pages.add_url_rule("/plan/udgiv", view_func=udgiv_kladde, methods=["GET", "POST"])
    pages.add_url_rule("/plan/kassér", view_func=kassér_kladde, methods=["POST"])


def _kladde() -> Kladde:
    return drafts.kladde(current_session(), current_helhedsplan_id())


@kræver(Ret.PLAN)
def planen() -> ResponseReturnValue:
    """The plan and its sections; with a draft also what it would change."""
    found = _kladde()
    version = versions.hent_version(current_session(), current_helhedsplan_id(), found.række.version)[0]
    sections = [(name, words.AFSNIT[name], len(getattr(found.indhold, name))) for name in checks.SEKTIONER]
    lists = [(str(name), words.LISTER[name], len(found.indhold.liste[name])) for name in Listenavn]
    return render_template(
        "plan/planen.html",
        kladde=found,
        version=version,
        afsnit=sections,
        lister=lists,
        ændringer=changes.ændringer(found.gældende, found.indhold) if found.findes else [],
    )


@kræver(Ret.PLAN)
def plandele(afsnit: str) -> ResponseReturnValue:
    """The parts of one section or list."""
    found = _kladde()
    written = found.tekst.rå.get(drafts.delsti(afsnit)[0], {})
    if afsnit not in checks.SEKTIONER:
        written = written.get(afsnit, drafts.dele(found.indhold, afsnit))
    parts = [
        (key, checks.navn(value), value, found.ny(afsnit, key), key in written)
        for key, value in drafts.dele(found.indhold, afsnit).items()
    ]
    return render_template(
        "plan/dele.html", kladde=found, afsnit=afsnit, titel=_title(afsnit), en=_one(afsnit), dele=parts, i_dag=today()
    )


def _title(afsnit: str) -> str:
    return words.AFSNIT.get(afsnit) or words.LISTER[Listenavn(afsnit)]


def _one(afsnit: str) -> str:
    return ÉN.get(afsnit, "værdi")


@kræver(Ret.PLAN)
def ny_del(afsnit: str) -> ResponseReturnValue:
    """Add a part to a section or a list."""
    drafts.dele(_kladde().indhold, afsnit)
    return _edit(afsnit, "", f"Ny {_one(afsnit)}")


@kræver(Ret.PLAN)
def ret_del(afsnit: str, del_: str) -> ResponseReturnValue:
    """Edit a part, or retire it."""
    part = _kladde().del_(afsnit, del_)
    return _edit(afsnit, del_, f"Ret {checks.navn(part)}")


@kræver(Ret.PLAN)
def ret_hoved() -> ResponseReturnValue:
    """Edit what the plan says of itself."""
    return _edit("helhedsplan", "", "Ret helhedsplanen")


def _edit(afsnit: str, nøgle: str, titel: str) -> ResponseReturnValue:
    """The form of a part: shown, or saved into the draft."""
    found = _kladde()
    before = found.tekst.rå["helhedsplan"] if afsnit == "helhedsplan" else found.rå(afsnit, nøgle) if nøgle else {}
    again = typed_again()
    form = form_for(afsnit, found.indhold, before, request.form or again.get("formdata", ()))(**again)
    back = url_for(".planen") if afsnit == "helhedsplan" else url_for(".plandele", afsnit=afsnit)
    if form.is_submitted():
        status = _save(form, found, afsnit, nøgle, before) if form.validate() else 422
        if status == 303:
            flash("Gemt i kladden. Den gælder først, når du udgiver den.")
            return redirect(back, 303)
    else:
        status = 200
        if not again:
            form.vis(before, found.nr)
    return render_template("plan/del.html", form=form, titel=titel, tilbage=back, indhold=found.indhold), status


def _save(form: DelForm, found: Kladde, afsnit: str, nøgle: str, before: dict[str, object]) -> int:
    """303 when it is in the draft; 422 or 409 with what was typed still in the form."""
    session = current_session()
    raw, origin = form.rå(before)
    name = str(next((raw[field] for field in ("etiket", "navn", "tekst") if field in raw), ""))
    key = nøgle or drafts.ny_nøgle(found.indhold, afsnit, name) if afsnit != "helhedsplan" else ""
    sti = "helhedsplan" if not key else ".".join((*drafts.delsti(afsnit), key))
    try:
        text = drafts.sæt_del(found, afsnit, key, raw) if key else found.tekst.med(("helhedsplan",), raw)
        drafts.gem(session, found, text, versionsnummer(form.nr))
    except PlanFejl as error:
        session.rollback()
        form.med_fejl(error.fejl, sti, origin)
        return 422
    except KladdeÆndret as error:
        session.rollback()
        form.form_errors = [str(error)]
        form.nr.process_data(found.nr)
        return 409
    session.commit()
    return 303


@kræver(Ret.PLAN)
def flyt_del(afsnit: str, del_: str) -> ResponseReturnValue:
    """Move a part one place up or down."""
    found = _kladde()
    found.del_(afsnit, del_)
    _change(found, drafts.flyttet(found, afsnit, del_, -1 if request.form.get("retning") == "op" else 1))
    return redirect(url_for(".plandele", afsnit=afsnit), 303)


@kræver(Ret.PLAN)
def fjern_del(afsnit: str, del_: str) -> ResponseReturnValue:
    """Take away a part that came with the draft."""
    found = _kladde()
    found.del_(afsnit, del_)
    _change(found, drafts.uden(found, afsnit, del_))
    return redirect(url_for(".plandele", afsnit=afsnit), 303)


def _change(found: Kladde, text: Plantekst) -> None:
    """Save a change made by a button; what it would break is told."""
    session = current_session()
    try:
        drafts.gem(session, found, text, _nr())
        session.commit()
    except PlanFejl as error:
        session.rollback()
        flash("Det kan ikke lade sig gøre: " + " ".join(fejl.besked for fejl in error.fejl))


def _nr() -> int:
    """The draft the page was shown from; -1, which no draft has, when the field is missing or no number."""
    text = request.form.get("nr", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


@kræver(Ret.PLAN)
def udgiv_kladde() -> ResponseReturnValue:
    """Ask from when and why, then make the draft the plan's next version."""
    session, found = current_session(), _kladde()
    if not found.findes:
        flash("Der er ingen kladde at udgive.")
        return redirect(url_for(".planen"), 303)
    form = UdgivForm(**typed_again())
    status = 200
    if form.is_submitted():
        before = found.række.version
        status = _publish(form, found) if form.validate() else 422
        if status == 303:
            now = found.række.version
            flash(f"Udgivet som version {now}." if now > before else "Kladden ændrede intet: der er ingen ny version.")
            return redirect(url_for(".planen"), 303)
    elif not form.gælder_fra.data:
        form.gælder_fra.process_data(today())
        form.nr.process_data(found.nr)
    page = render_template(
        "plan/udgiv.html",
        form=form,
        kladde=found,
        tidligst=drafts.tidligst(session, found),
        ændringer=changes.ændringer(found.gældende, found.indhold),
    )
    return page, status


def _publish(form: UdgivForm, found: Kladde) -> int:
    session = current_session()
    day = form.gælder_fra.data
    first = drafts.tidligst(session, found)
    if day is None or not first <= day <= today():
        said = "En version kan ikke gælde fra en dag, der ikke er kommet. Giv i stedet de enkelte dele en dato."
        form.gælder_fra.errors = [said if day and day > today() else "Datoen ligger før den version, der gælder nu."]
        return 422
    try:
        drafts.udgiv(session, found, versionsnummer(form.nr), form.grund.data, day)
        session.commit()
    except PlanFejl as error:
        session.rollback()
        form.form_errors = [fejl.besked for fejl in error.fejl]
        return 422
    except KladdeÆndret as error:
        session.rollback()
        form.form_errors = [str(error)]
        form.nr.process_data(found.nr)
        return 409
    return 303


@kræver(Ret.PLAN)
def kassér_kladde() -> ResponseReturnValue:
    """Drop the draft."""
    session = current_session()
    drafts.kassér(session, _kladde(), _nr())
    session.commit()
    flash("Kladden er kasseret.")
    return redirect(url_for(".planen"), 303)
