"""The page on which the leder chooses how a calendar year's figures are protected, before the first of them is made."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, kræver
from rådgivning.adgang.typed import typed_again
from rådgivning.dansk import tal
from rådgivning.database import current_session, today
from rådgivning.felter import FlervalgFelt, Formular, ValgFelt, påkrævet
from rådgivning.plan.plans import plan
from rådgivning.plan.schema import PlanIndhold
from rådgivning.statistik.archive import nyeste_afrundede, seneste_kvartal
from rådgivning.statistik.coarsening import FORSLAG, Forslag, forslag, mulige
from rådgivning.statistik.labels import periode_navn
from rådgivning.statistik.methods import Metode, MetodeLåst, er_låst, metode_for, vælg_metode
from rådgivning.statistik.plan_tables import tabeller
from rådgivning.statistik.tables import i_perioden

NAVN = {Metode.AFRUNDING: "Afrunding", Metode.UDELADELSE: "Udeladelse"}


class MetodeFormular(Formular):
    """A year's method, and what to make coarser with it."""

    metode = ValgFelt(
        "Sådan beskyttes årets tal",
        [påkrævet("Vælg, hvordan tallene skal beskyttes.")],
        choices=[
            (Metode.AFRUNDING.value, "Afrunding: alle tal vises, rundet op eller ned. Kan ses hele året"),
            (Metode.UDELADELSE.value, "Udeladelse: præcise tal, men små tal er tomme. Først når perioden er lukket"),
        ],
    )
    grovere = FlervalgFelt("Grovere inddeling (kun ved udeladelse)")


def add_routes(pages: Blueprint) -> None:
    """Hang the page on the room's blueprint."""
    pages.add_url_rule("/statistik/metode", "metode", metode, methods=["GET", "POST"])


@kræver(Ret.STATISTIK)
def metode() -> ResponseReturnValue:
    """Every year of the plan with its method; of one that has no figures yet, the choice."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    indhold = plan(session, helhedsplan_id)
    head = indhold.helhedsplan
    years = [str(year) for year in range(head.fra.year, head.til.year + 1)]
    locked = {year: er_låst(session, helhedsplan_id, year) for year in years}
    free = [year for year in years if not locked[year] and year >= str(today().year)]
    chosen = request.args.get("år") or next(iter(free), "")
    if chosen and chosen not in years:
        raise IkkeFundet("år")
    before = metode_for(session, helhedsplan_id, chosen)
    form = MetodeFormular(**{"metode": before.metode.value, "grovere": list(before.grovere), **typed_again()})
    form.grovere.choices = [(name, FORSLAG[name]) for name in mulige(tabeller(session, helhedsplan_id), indhold)]
    status = 200
    if form.is_submitted():
        if chosen and form.validate():
            try:
                vælg_metode(session, helhedsplan_id, chosen, Metode(form.metode.data), form.grovere.data or ())
            except MetodeLåst:
                locked[chosen] = True
            else:
                session.commit()
                flash(f"Tallene for {chosen} beskyttes ved {NAVN[Metode(form.metode.data)].lower()}.")
                return redirect(url_for(".metode", år=chosen), 303)
        status = 422
    asked = bool(request.args.get("forslag"))
    methods = {year: metode_for(session, helhedsplan_id, year) for year in years}
    page = render_template(
        "statistik/metode.html",
        form=form,
        valgt=chosen,
        låst=bool(chosen) and locked[chosen],
        år=[(year, NAVN[own.metode], own.grovere, locked[year]) for year, own in methods.items()],
        grovere=FORSLAG,
        spurgt=asked,
        forslag=_measured(indhold) if asked else None,
    )
    return page, status


def _row(one: Forslag) -> list[str]:
    names = "; ".join(FORSLAG[name] for name in one.grovere) or "Som nu"
    return [names, tal(one.antal), *(f"{tal(value)}\u00a0%" for value in one.tab)]


class Målt(NamedTuple):
    """What leaving out would cost in a period, as rows of a table; the base its figures are rounded to."""

    periode: str
    base: int
    rækker: list[list[str]]


def _measured(indhold: PlanIndhold) -> list[Målt]:
    """The proposals with their loss, measured on the newest rounded figures of a calendar year, and of a quarter of it;
    none without any."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    release = nyeste_afrundede(session, helhedsplan_id)
    if release is None or release.tom:
        return []
    tables, threshold = tabeller(session, helhedsplan_id), int(release.revision.get("tærskel", 5))
    quarter = seneste_kvartal(session, helhedsplan_id, release)
    session.commit()  # no transaction is open while the solver works
    return [
        Målt(
            periode_navn(periode),
            content["known_rule"]["base"],
            [_row(one) for one in forslag(content, i_perioden(tables, periode), indhold, threshold)],
        )
        for periode, content in filter(None, [(release.periode, release.indhold), quarter])
    ]
