"""The page where a user makes, renews and revokes the address of her calendar feed, and the feed itself."""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rådgivning.adgang.permissions import Ret, kræver, offentlig
from rådgivning.database import current_session
from rådgivning.kalender import subscriptions
from rådgivning.kalender.feed import som_ics


def add_pages(bp: Blueprint) -> None:
    """`/kalender/abonnement` and the feed."""
    bp.add_url_rule("/abonnement", view_func=abonnement)
    bp.add_url_rule("/abonnement/ny", view_func=ny_adresse, methods=["POST"])
    bp.add_url_rule("/abonnement/tilbagekald", view_func=tilbagekald, methods=["POST"])
    bp.add_url_rule("/hent/<token>.ics", view_func=hent)


@kræver(Ret.KALENDER)
def abonnement() -> ResponseReturnValue:
    """Whether there is a feed, when it was made and last fetched."""
    feed = subscriptions.gældende(current_session())
    return render_template("kalender/abonnement.html", feed=feed, med_adresse=_with_address())


@kræver(Ret.KALENDER)
def ny_adresse() -> ResponseReturnValue:
    """Make the address, or a new one in place of the old, and show it this once."""
    session = current_session()
    token = subscriptions.ny_adresse(session)
    session.commit()
    url = url_for("kalender.hent", token=token, _external=True)
    return render_template("kalender/adresse.html", url=url, med_adresse=_with_address())


@kræver(Ret.KALENDER)
def tilbagekald() -> ResponseReturnValue:
    """End the feed."""
    session = current_session()
    if subscriptions.tilbagekald(session):
        session.commit()
        flash("Adressen er tilbagekaldt og virker ikke mere.")
    return redirect(url_for("kalender.abonnement"), 303)


@offentlig
def hent(token: str) -> ResponseReturnValue:
    """The feed. The token is all that is asked for, and it stands in no log, trail or message."""
    session = current_session()
    key = hmac.digest(current_app.config["SECRET_KEY"], b"calendar feed limits", hashlib.sha256)
    try:
        subscriptions.åbn(session, token, key, request.remote_addr or "")
    except subscriptions.ForMange as fejl:
        return Response(status=429, headers={"Retry-After": str(fejl.vent)})
    found = subscriptions.indhold(session, med_adresse=_with_address())
    # The reads are durable, and nobody waits for the database while a year is written out.
    session.commit()
    return Response(
        som_ics("Besøg", found),
        mimetype="text/calendar",
        headers={"Content-Disposition": 'inline; filename="kalender.ics"'},
    )


def _with_address() -> bool:
    return bool(current_app.extensions["settings"].ics_adresse)
