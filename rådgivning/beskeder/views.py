"""Pages of the room: one's own notices, what one wants to hear of, and what could not be mailed."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.navigation import sidetal
from rådgivning.adgang.permissions import (
    IkkeFundet,
    Ret,
    current_helhedsplan_id,
    current_user_id,
    hent,
    indlogget,
    kræver,
)
from rådgivning.adgang.users import skift_email
from rådgivning.beskeder import inbox
from rådgivning.beskeder.forms import ValgFormular
from rådgivning.beskeder.kinds import SLAGS, Slags
from rådgivning.beskeder.models import Besked
from rådgivning.beskeder.queue import kan_sende
from rådgivning.database import current_session, now


def make_blueprint() -> Blueprint:
    """`/beskeder`: the list, the choices, a trial mail; and the number in every page's header."""
    bp = Blueprint("beskeder", __name__, url_prefix="/beskeder")
    bp.add_url_rule("", view_func=liste)
    bp.add_url_rule("/læst", view_func=læst, methods=["POST"])
    bp.add_url_rule("/<uuid:id>/åbn", view_func=åbn, methods=["POST"])
    bp.add_url_rule("/valg", view_func=valg, methods=["GET", "POST"])
    bp.add_url_rule("/prøve", view_func=prøve, methods=["POST"])
    bp.add_url_rule("/udsendelse", view_func=udsendelse)
    bp.add_url_rule("/udsendelse/igen", view_func=send_igen, methods=["POST"])
    bp.app_context_processor(lambda: {"ulæste_beskeder": _unread})
    return bp


def _unread() -> int:
    bruger = indlogget()
    return inbox.antal_ulæste(current_session(), bruger.id) if bruger else 0


@kræver(Ret.BESKEDER)
def liste() -> ResponseReturnValue:
    """Her notices, the newest first."""
    session = current_session()
    side = sidetal()
    rows, sider = inbox.egne_beskeder(session, current_user_id(), side)
    return render_template(
        "beskeder/liste.html", beskeder=rows, side=side, sider=sider, slags=SLAGS, sender=kan_sende(session)
    )


@kræver(Ret.BESKEDER)
def læst() -> ResponseReturnValue:
    """Mark all as read."""
    session = current_session()
    inbox.læs_alle(session, current_user_id())
    session.commit()
    flash("Alle beskeder er markeret som læst.")
    return redirect(url_for(".liste"), 303)


@kræver(Ret.BESKEDER)
def åbn(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """On to the page a notice is about; it is read by that."""
    session = current_session()
    besked = hent(session, Besked, id)
    if besked.bruger_id != current_user_id():
        raise IkkeFundet("besked", id, fremmed=True)
    besked.læst = besked.læst or now()
    session.add(besked)
    url = SLAGS[Slags(besked.slags)].url
    session.commit()
    return redirect(url, 303)


@kræver(Ret.BESKEDER)
def valg() -> ResponseReturnValue:
    """How she wants to hear of what, and where mail goes."""
    session = current_session()
    bruger = hent(session, Bruger, current_user_id())
    chosen = inbox.hent_valg(session, bruger.id)
    known = {str(slags): levering for slags, levering in inbox.leveringer(bruger, chosen.valg).items()}
    form = ValgFormular(bruger.rolle, data={"email": bruger.email, "overblik_kl": chosen.overblik_kl, **known})
    if not form.validate_on_submit():
        return _choices(session, bruger, form), 422 if form.is_submitted() else 200
    skift_email(session, bruger, form.email.data)
    inbox.gem_valg(session, bruger, form.chosen, form.klokken)
    session.commit()
    flash("Dine valg er gemt.")
    return redirect(url_for(".valg"), 303)


def _choices(session: Session, bruger: Bruger, form: ValgFormular) -> str:
    return render_template(
        "beskeder/valg.html",
        form=form,
        sender=kan_sende(session),
        gemt=bruger.email,
        prøve=inbox.seneste_prøve(session, bruger.id),
        fejl=inbox.seneste_fejl(session, bruger.id),
    )


@kræver(Ret.BESKEDER)
def prøve() -> ResponseReturnValue:
    """Send herself a trial mail."""
    session = current_session()
    inbox.send_prøve(session, hent(session, Bruger, current_user_id()))
    session.commit()
    flash("Prøvebeskeden er lagt i køen. Indlæs siden igen om lidt for at se, om den er sendt.")
    return redirect(url_for(".valg"), 303)


@kræver(Ret.BRUGERE)
def udsendelse() -> ResponseReturnValue:
    """Whether mail gets out of here, and which did not."""
    session, plan = current_session(), current_helhedsplan_id()
    venter, ældste = inbox.ventende(session, plan)
    return render_template(
        "beskeder/udsendelse.html",
        sender=kan_sende(session),
        venter=venter,
        ældste=ældste,
        rækker=inbox.ikke_leveret(session, plan),
        slags=SLAGS,
    )


@kræver(Ret.BRUGERE)
def send_igen() -> ResponseReturnValue:
    """Try again what was given up: the mail server is up, or the address is corrected."""
    session = current_session()
    antal = inbox.send_opgivne_igen(session, current_helhedsplan_id())
    session.commit()
    flash("1 e-mail er lagt i køen igen." if antal == 1 else f"{antal} e-mails er lagt i køen igen.")
    return redirect(url_for(".udsendelse"), 303)
