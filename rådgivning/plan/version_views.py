"""Pages on which the plan's versions are read, compared, fetched as plan files and brought back."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.typed import typed_again
from rådgivning.database import current_session
from rådgivning.felter import Formular, NotatFelt, højst, påkrævet
from rådgivning.plan import changes, checks, versions, words
from rådgivning.plan.reader import PlanFejl
from rådgivning.plan.schema import PlanIndhold
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import skriv


class GendanForm(Formular):
    """Why an earlier version is to hold again."""

    grund = NotatFelt("Hvorfor skal versionen gælde igen?", [påkrævet("Skriv, hvorfor."), højst(500)])


def add_pages(pages: Blueprint) -> None:
    """`/plan/versioner`."""
    pages.add_url_rule("/plan/versioner", view_func=planversioner)
    pages.add_url_rule("/plan/versioner/<int:nr>", view_func=planversion)
    pages.add_url_rule("/plan/versioner/<int:nr>/hent", view_func=hent_planfil)
    pages.add_url_rule("/plan/versioner/<int:nr>/gendan", view_func=gendan_version, methods=["GET", "POST"])
    pages.add_url_rule("/plan/forskel", view_func=planforskel)


@kræver(Ret.PLAN)
def planversioner() -> ResponseReturnValue:
    """Every version, with the day it holds from, why and by whom."""
    found = versions.versioner(current_session(), current_helhedsplan_id())
    return render_template("plan/versioner.html", versioner=found)


@kræver(Ret.PLAN)
def planversion(nr: int) -> ResponseReturnValue:
    """One version as it reads, and what it changed."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    found, indhold = versions.hent_version(session, helhedsplan_id, nr)
    numbers = [version.nr for version in versions.versioner(session, helhedsplan_id)]
    before = next((number for number in numbers if number < nr), None)
    earlier = None if before is None else versions.hent_version(session, helhedsplan_id, before)[1]
    return render_template(
        "plan/version.html",
        version=found,
        forrige=before,
        ændringer=changes.ændringer(earlier, indhold) if earlier else [],
        afsnit=afsnit(indhold),
    )


def afsnit(indhold: PlanIndhold) -> list[tuple[str, list[tuple[str, str, list[tuple[str, str]]]]]]:
    """The plan's sections and own lists for reading: name, and of each part its key, its name and its fields."""
    head = indhold.helhedsplan
    shown = [("Helhedsplanen", [(head.id, head.navn, words.felter(head, indhold, uden_navn=False))])]
    for sti, values in checks.tabeller(indhold).items():
        if sti[0] != "indkaldelse" and values:
            parts = [(key, checks.navn(value), words.felter(value, indhold)) for key, value in values.items()]
            shown.append((words.afsnit(sti), parts))
    return shown


@kræver(Ret.PLAN)
def hent_planfil(nr: int) -> ResponseReturnValue:
    """A version as a plan file."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    row = versions.hent_plan(session, helhedsplan_id)
    data = versions.tekst(session, helhedsplan_id, nr).encode()
    skriv(session, Handling.EKSPORTERET, "helhedsplan", [row.id], anledning="toml", detaljer={"version": nr})
    session.commit()
    answer = Response(data, mimetype="application/toml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{row.nøgle}-version-{nr}.toml")
    return answer


@kræver(Ret.PLAN)
def gendan_version(nr: int) -> ResponseReturnValue:
    """Ask why, then make an earlier version the next one."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    found, indhold = versions.hent_version(session, helhedsplan_id, nr)
    row = versions.hent_plan(session, helhedsplan_id)
    form = GendanForm(**typed_again())
    if form.validate_on_submit():
        try:
            versions.gendan(session, helhedsplan_id, nr, form.grund.data)
            session.commit()
            flash(f"Version {nr} gælder igen, som version {row.version}.")
            return redirect(url_for(".planversioner"), 303)
        except PlanFejl as error:
            session.rollback()
            form.form_errors = [fejl.besked for fejl in error.fejl]
    now_valid = versions.hent_version(session, helhedsplan_id, row.version)[1]
    page = render_template(
        "plan/gendan.html", form=form, version=found, ændringer=changes.ændringer(now_valid, indhold)
    )
    return page, 422 if form.is_submitted() else 200


@kræver(Ret.PLAN)
def planforskel() -> ResponseReturnValue:
    """What changed between two versions, in words."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    known = versions.versioner(session, helhedsplan_id)
    numbers = [version.nr for version in known]
    newest = numbers[0]
    chosen = [request.args.get("fra", numbers[min(1, len(numbers) - 1)], int), request.args.get("til", newest, int)]
    if not set(chosen) <= set(numbers):
        raise IkkeFundet("helhedsplan_version")
    before, after = (versions.hent_version(session, helhedsplan_id, nr)[1] for nr in chosen)
    return render_template(
        "plan/forskel.html",
        versioner=known,
        fra=chosen[0],
        til=chosen[1],
        ændringer=changes.ændringer(before, after),
    )
