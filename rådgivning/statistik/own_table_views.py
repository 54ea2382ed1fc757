"""The pages on which the leder composes cross tables of her own, sees how large they are, and takes them away."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import IkkeFundet, Ret, current_helhedsplan_id, hent, kræver
from rådgivning.adgang.typed import typed_again
from rådgivning.database import current_session
from rådgivning.felter import Formular, TekstFelt, ValgFelt, højst, påkrævet
from rådgivning.statistik import own_tables
from rådgivning.statistik.labels import DIMENSION, ENHED
from rådgivning.statistik.models import EgenTabel
from rådgivning.statistik.plan_tables import egne_tabeller, som_tabel
from rådgivning.statistik.tables import ENHEDER, Tabel


class TabelFormular(Formular):
    """An own cross table: what it is divided by, and what it is called."""

    dimension_1 = ValgFelt("Rækker", [påkrævet("Vælg, hvad rækkerne skal være.")])
    dimension_2 = ValgFelt("Kolonner")
    dimension_3 = ValgFelt("Én tabel for hver")
    titel = TekstFelt("Titel", [højst(120)], max_længde=120)

    def tabel(self, enhed: str) -> Tabel:
        """What was composed; without a title one is made."""
        chosen = tuple(one.data for one in (self.dimension_1, self.dimension_2, self.dimension_3) if one.data)
        names = " og ".join(DIMENSION[name].casefold() for name in chosen if name in DIMENSION)
        title = " ".join(self.titel.data.split()) or f"{ENHED[enhed]} efter {names}"
        return Tabel("", enhed, chosen, titel=title)


class FjernTabel(Formular):
    """Confirms that an own table is to be taken away."""


def add_routes(pages: Blueprint) -> None:
    """Hang the pages on the room's blueprint."""
    pages.add_url_rule("/statistik/tabeller", "tabeller", tabeller)
    pages.add_url_rule("/statistik/tabeller/ny/<enhed>", "ny_tabel", ny_tabel, methods=["GET", "POST"])
    pages.add_url_rule("/statistik/tabeller/<uuid:tabel_id>/fjern", "fjern_tabel", fjern, methods=["GET", "POST"])


@kræver(Ret.STATISTIK)
def tabeller() -> ResponseReturnValue:
    """The own tables with their size, and what a new one can count."""
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    own = egne_tabeller(session, helhedsplan_id)
    return render_template(
        "statistik/egne_tabeller.html",
        egne=[(row, own_tables.størrelse(session, helhedsplan_id, som_tabel(row))) for row in own],
        højst=own_tables.HØJST_TABELLER,
        enheder=ENHED,
        dimensioner=DIMENSION,
    )


@kræver(Ret.STATISTIK)
def ny_tabel(enhed: str) -> ResponseReturnValue:
    """Compose a table; see its size first, or save it."""
    if enhed not in ENHEDER:
        raise IkkeFundet("enhed")
    session, helhedsplan_id = current_session(), current_helhedsplan_id()
    again = typed_again()
    form = TabelFormular(**again)
    for one in (form.dimension_1, form.dimension_2, form.dimension_3):
        one.choices = own_tables.dimensioner(enhed)
    size, status = None, 200
    if form.is_submitted():
        if session.get(EgenTabel, form.formular_id.data) is not None:
            hent(session, EgenTabel, form.formular_id.data)
            return redirect(url_for(".tabeller"), 303)
        made, wrong = None, True
        if form.validate():
            made = form.tabel(enhed)
            faults = list(own_tables.mangler(session, helhedsplan_id, made))
            for name, besked in faults:
                form[name].errors = [*form[name].errors, besked]
            wrong = bool(faults)
        if made is not None and not wrong:
            size = own_tables.størrelse(session, helhedsplan_id, made)
            if "vis" not in request.form:
                own_tables.opret_tabel(session, helhedsplan_id, made, form.formular_id.data)
                session.commit()
                flash("Tabellen er gemt. Den er med, næste gang tallene laves.")
                return redirect(url_for(".tabeller"), 303)
        status = 422 if wrong else 200
    page = render_template(
        "statistik/egen_tabel.html", form=form, enhed=ENHED[enhed], størrelse=size, dimensioner=DIMENSION
    )
    return page, status


@kræver(Ret.STATISTIK)
def fjern(tabel_id: uuid.UUID) -> ResponseReturnValue:
    """Ask, then take an own table away."""
    session = current_session()
    row = own_tables.hent_tabel(session, tabel_id)
    form = FjernTabel()
    if form.validate_on_submit():
        own_tables.fjern_tabel(session, row)
        session.commit()
        flash("Tabellen er fjernet.")
        return redirect(url_for(".tabeller"), 303)
    return render_template("statistik/fjern_tabel.html", form=form, tabel=row), 422 if form.is_submitted() else 200
