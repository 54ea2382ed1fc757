"""Pages and buttons of attempts at contact, and of the tenancy a case belongs to."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Ret, current_helhedsplan_id, hent, kræver
from rådgivning.beboere.residents import hent_beboere
from rådgivning.database import current_session, new_id, today
from rådgivning.felter import DatoFelt, Formular, JaNejFelt, NotatFelt, SkjultFelt, ValgFelt, højst, påkrævet
from rådgivning.felter.validators import ikke_i_fremtiden
from rådgivning.plan.lister import valg
from rådgivning.restancer import attempts, belonging, tenancies
from rådgivning.restancer.models import Kontaktforsøg, Restancesag, RestancesagData
from rådgivning.restancer.storing import readable

LISTE = "kontaktforsøg_måde"
SVAR = {"ja": True, "nej": False, "sendt": None}
HURTIGE = {
    "telefon": ("Ringede", (("ja", "Truffet"), ("nej", "Ikke truffet"))),
    "bankede_på": ("Bankede på", (("ja", "Truffet"), ("nej", "Ikke truffet"))),
    "sms": ("Sms", (("ja", "Svarede"), ("sendt", "Sendt"))),
    "kort_i_døren": ("Kort i døren", (("sendt", "Lagt"),)),
}
"""What one tap can say: the way, what it is called in the past, and how it went."""
_BACK = re.compile(r"/|/restancer(\?(side=\d{1,6}|lang=1))?|/restancer/[0-9a-f-]{36}")


class HurtigForm(Formular):
    """One tap on a row: `valg` is way and answer, as in `telefon nej`."""

    valg = SkjultFelt()
    tilbage = SkjultFelt()


class ForsøgForm(Formular):
    """An attempt on another day, in another way, or with a note."""

    måde = ValgFelt("Hvordan?", [påkrævet("Vælg, hvordan du prøvede.")])
    dato = DatoFelt("Hvilken dag?", [påkrævet("Skriv datoen."), ikke_i_fremtiden])
    truffet = JaNejFelt("Fik du fat i nogen i husstanden?")
    note = NotatFelt("Note", [højst(500)])


class BørnForm(Formular):
    """The household's answer about children."""

    børn = JaNejFelt("Bor der børn under 18 år i husstanden?")


def add_pages(bp: Blueprint) -> None:
    """The buttons of a case in the list and on its own page."""
    bp.add_url_rule("/<uuid:id>/forsøg", view_func=nyt_forsøg, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:id>/forsøg/hurtigt", view_func=hurtigt_forsøg, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/forsøg/<uuid:nr>/annullér", view_func=annullér_forsøg, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/lejemål", view_func=knyt_lejemål, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/lejemål/løs", view_func=løs_lejemål, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/børn", view_func=børn, methods=["POST"])


def hurtige() -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """The buttons of a row: key, words and answers, of the ways the plan has today."""
    ways = {key for key, _label in _ways()}
    return [(key, *words) for key, words in HURTIGE.items() if key in ways]


def fortrydelse() -> tuple[uuid.UUID, uuid.UUID] | None:
    """Case and attempt that the page before has just written down, so that the page can offer to take it back."""
    sag, forsøg = (request.args.get(name, type=uuid.UUID) for name in ("sag", "trin"))
    return (sag, forsøg) if sag and forsøg else None


def sagsside(sag: Restancesag, data: RestancesagData | None) -> dict[str, Any]:
    """What a case's page shows of attempts and of the tenancy."""
    session = current_session()
    home = tenancies.sagens_husstand(session, sag)
    others = hent_beboere(session, home[1].medlemmer, "husstand på restancesag") if home else {}
    return {
        "hurtige": hurtige(),
        "nyt_id": new_id,
        "fortryd": fortrydelse(),
        "lejemål": home[1] if home else None,
        "husstanden": others,
        "bor_andetsteds": data is not None and home is None and belonging.bor_andetsteds(session, sag, data),
        "andet_nummer": data is not None and home is not None and tenancies.har_andet_nummer(home[1], data),
        "nummeret_findes": data is not None and home is None and tenancies.nummeret_findes(session, sag, data),
    }


def _ways() -> list[tuple[str, str]]:
    return valg(current_session(), current_helhedsplan_id(), LISTE)


def _back() -> str:
    """Where the button stood; only pages that show cases."""
    back = request.form.get("tilbage", "")
    return back if _BACK.fullmatch(back) else "/restancer"


@kræver(Ret.RESTANCER)
def nyt_forsøg(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """An attempt with everything that can be said of it."""
    session = current_session()
    readable(session, hent(session, Restancesag, id))
    form = ForsøgForm()
    form.måde.choices = _ways()
    if not form.is_submitted():
        form.dato.process_data(today())
        form.truffet.process_data(None)
    if form.validate_on_submit():
        attempt = Kontaktforsøg(
            id=form.formular_id.data,
            måde=form.måde.data,
            dato=form.dato.data or today(),
            truffet=form.truffet.data,
            note=form.note.data,
        )
        attempts.tilføj_forsøg(session, id, attempt)
        session.commit()
        flash("Kontaktforsøget er skrevet ind.")
        return redirect(url_for("restancer.vis", id=id), 303)
    return render_template("restancer/forsøg.html", form=form, id=id), 422 if form.is_submitted() else 200


@kræver(Ret.RESTANCER)
def hurtigt_forsøg(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """The second of two taps. The page it came from offers to undo it."""
    session = current_session()
    readable(session, hent(session, Restancesag, id))
    form = HurtigForm()
    måde, _space, svar = form.valg.data.partition(" ")
    known = svar in {answer for key, _words, answers in hurtige() if key == måde for answer, _text in answers}
    back = _back()
    if not known or not form.validate_on_submit():
        flash("Kontaktforsøget blev ikke skrevet ind. Prøv igen.", "fejl")
        return redirect(back, 303)
    attempt = Kontaktforsøg(id=form.formular_id.data, måde=måde, dato=today(), truffet=SVAR[svar])
    attempts.tilføj_forsøg(session, id, attempt)
    session.commit()
    return redirect(f"{back}{'&' if '?' in back else '?'}sag={id}&trin={attempt.id}#sag-{id}", 303)


@kræver(Ret.RESTANCER)
def annullér_forsøg(id: uuid.UUID, nr: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Take an attempt back that did not happen."""
    session = current_session()
    attempts.annullér_forsøg(session, id, nr)
    session.commit()
    flash("Kontaktforsøget er annulleret.")
    return redirect(_back(), 303)


@kræver(Ret.RESTANCER)
def knyt_lejemål(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Let the case belong to the tenancy whose number it bears, or where its resident lives."""
    found = tenancies.knyt_lejemål(current_session(), id)
    return _to_case(
        id, "Sagen hører nu til lejemålet." if found else "Sagen har intet lejemålsnummer. Ret sagen, og skriv det."
    )


@kræver(Ret.RESTANCER)
def løs_lejemål(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Let the case belong to no tenancy."""
    tenancies.løs_lejemål(current_session(), id)
    return _to_case(id, "Sagen er løst fra lejemålet.")


@kræver(Ret.RESTANCER)
def børn(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Children in the household: yes, no, or not known."""
    hent(current_session(), Restancesag, id)
    form = BørnForm()
    if not form.validate_on_submit():
        flash("Svaret blev ikke gemt. Vælg ja, nej eller ved ikke.", "fejl")
        return redirect(url_for("restancer.vis", id=id), 303)
    tenancies.sæt_børn(current_session(), id, form.børn.data)
    return _to_case(id, "Svaret er gemt for hele husstanden.")


def _to_case(id: uuid.UUID, besked: str) -> ResponseReturnValue:  # noqa: A002
    current_session().commit()
    flash(besked)
    return redirect(url_for("restancer.vis", id=id), 303)
