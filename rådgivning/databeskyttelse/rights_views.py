"""Pages of the quarter's review of rights: everybody, one user and the decision, what is enforced, earlier reviews."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import ValidationError
from wtforms.widgets import ListWidget

from rådgivning.adgang.models import Bruger, Rettighedsgennemgang
from rådgivning.adgang.permissions import RETTIGHEDER, Konflikt, Ret, current_helhedsplan_id, hent, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.adgang.typed import typed_again
from rådgivning.database import current_session, today
from rådgivning.databeskyttelse import rights, rights_review
from rådgivning.databeskyttelse.forms import ROLLER
from rådgivning.databeskyttelse.rights_review import Afgørelse
from rådgivning.felter import Formular, NotatFelt, ValgFelt, påkrævet
from rådgivning.overblik.emergency import navne
from rådgivning.plan.lister import valg

AFGØRELSER = {
    Afgørelse.BEHOLDES: "Beholdes: rettighederne passer til det, brugeren laver",
    Afgørelse.RETTES: "Rettes: rollen eller boligorganisationen passer ikke",
    Afgørelse.SPÆRRES: "Spærres: brugeren skal ikke længere have adgang",
}
FAKTORER = {"totp": "engangskoder", "passkey": "passkey"}


class AfgørelseFormular(Formular):
    """What is decided about a user, and why when anything is to change."""

    afgørelse = ValgFelt(
        "Afgørelse",
        [påkrævet("Vælg en afgørelse.")],
        choices=[(a.value, text) for a, text in AFGØRELSER.items()],
        widget=ListWidget(prefix_label=False),
    )
    note = NotatFelt("Bemærkning", max_længde=500, description="Hvad der skal rettes, eller hvorfor. Intet om beboere.")

    def validate_note(self, field: NotatFelt) -> None:
        """A change says what is wrong."""
        if self.afgørelse.data in {Afgørelse.RETTES, Afgørelse.SPÆRRES} and not field.data:
            raise ValidationError("Skriv, hvad der skal rettes, eller hvorfor brugeren spærres.")


def add_pages(pages: Blueprint) -> None:
    """`/rettigheder`."""
    pages.add_url_rule("/rettigheder", view_func=rettigheder)
    pages.add_url_rule("/rettigheder/roller", view_func=roller)
    pages.add_url_rule("/rettigheder/afslut", view_func=afslut_gennemgang, methods=["POST"])
    pages.add_url_rule("/rettigheder/gennemgang/<uuid:gennemgang_id>", view_func=gennemgang)
    pages.add_url_rule("/rettigheder/<uuid:id>", view_func=rettigheder_for, methods=["GET", "POST"])


def _words() -> dict[str, Any]:
    session, plan = current_session(), current_helhedsplan_id()
    return {
        "roller": {str(rolle): navn for rolle, navn in ROLLER},
        "organisationer": dict(valg(session, plan, "boligorganisation")),
        "faktorer": FAKTORER,
        "afgørelser": {a.value: a.value.capitalize() for a in Afgørelse},
    }


@kræver(Ret.RETTIGHEDER)
@frisk
def rettigheder() -> ResponseReturnValue:
    """This quarter's review: everybody with what is unused, and earlier reviews."""
    session = current_session()
    linjer = rights_review.linjer(session)
    return render_template(
        "databeskyttelse/rettigheder.html",
        kvartal=rights_review.kvartal(today()),
        dette=rights_review.dette(session),
        linjer=linjer,
        mangler=sum(line.afgørelse is None and line.bruger.spærret is None for line in linjer),
        tidligere=rights_review.tidligere(session),
        **_words(),
    )


@kræver(Ret.RETTIGHEDER)
@frisk
def rettigheder_for(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """One user: her rights in words with their last use, and the decision."""
    session = current_session()
    hent(session, Bruger, id)
    form = AfgørelseFormular(**typed_again())
    if form.validate_on_submit():
        try:
            rights_review.afgør(session, id, Afgørelse(form.afgørelse.data), form.note.data)
        except Konflikt as konflikt:
            session.rollback()
            form.afgørelse.errors = [str(konflikt)]
        else:
            session.commit()
            flash("Afgørelsen er skrevet ned.")
            to_user = form.afgørelse.data == Afgørelse.RETTES
            return redirect(url_for(".bruger", id=id) if to_user else url_for(".rettigheder"), 303)
    line = rights_review.linje(session, id)
    if not form.is_submitted() and line.afgørelse is not None:
        form.afgørelse.data, form.note.data = line.afgørelse.afgørelse, line.afgørelse.note
    page = render_template("databeskyttelse/rettigheder_for.html", linje=line, form=form, **_words())
    return page, 422 if form.is_submitted() else 200


@kræver(Ret.RETTIGHEDER)
@frisk
def afslut_gennemgang() -> ResponseReturnValue:
    """Close this quarter's review."""
    session = current_session()
    try:
        rights_review.afslut(session)
    except Konflikt as konflikt:
        session.rollback()
        flash(str(konflikt), "fejl")
    else:
        session.commit()
        flash("Kvartalets gennemgang er afsluttet.")
    return redirect(url_for(".rettigheder"), 303)


@kræver(Ret.RETTIGHEDER)
@frisk
def gennemgang(gennemgang_id: uuid.UUID) -> ResponseReturnValue:
    """A review as it was: to be read and printed."""
    session = current_session()
    row = hent(session, Rettighedsgennemgang, gennemgang_id)
    made = rights_review.afgørelser(session, row.id)
    people = {a.af for a in made} | ({row.afsluttet_af} if row.afsluttet_af else set())
    return render_template(
        "databeskyttelse/rettigheder_gennemgang.html",
        gennemgang=row,
        afgjort=made,
        rettens_navn={ret.name: ret.value for ret in Ret},
        navne=navne(session, people),
        **_words(),
    )


@kræver(Ret.RETTIGHEDER)
def roller() -> ResponseReturnValue:
    """Roles, rights and parts of envelopes, straight from the permission table."""
    words, table = _words(), rights.tabellen()
    return render_template("databeskyttelse/rettigheder_roller.html", rettigheder=RETTIGHEDER, tabellen=table, **words)
