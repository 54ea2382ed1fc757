"""Pages of a user's account at the sign-in service: give her a code for it, type its number, take it away again."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from rådgivning.adgang.identities import IdentitetFejl, brugers_identitet, fjern, knyt, ny_kode
from rådgivning.adgang.models import Bruger
from rådgivning.adgang.oidc_views import udbyder
from rådgivning.adgang.permissions import Konflikt, Ret, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.database import current_session
from rådgivning.databeskyttelse.forms import IdentitetFormular
from rådgivning.databeskyttelse.user_pages import another, done


def add_pages(pages: Blueprint) -> None:
    """Add this file's pages to the room's."""
    pages.add_url_rule("/brugere/<uuid:id>/konto", view_func=konto, methods=["GET", "POST"])
    pages.add_url_rule("/brugere/<uuid:id>/konto/kode", view_func=konto_kode, methods=["POST"])
    pages.add_url_rule("/brugere/<uuid:id>/konto/fjern", view_func=konto_fjern, methods=["POST"])


@kræver(Ret.BRUGERE)
@frisk
def konto(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """The account a user signs in with at the service, by its number there."""
    found, form = another(id), IdentitetFormular()
    if not form.is_submitted() or udbyder() is None:
        return _page(found, form)
    if not form.validate():
        return _page(found, form), 422
    try:
        knyt(current_session(), found, _issuer(), form.subjekt.data)
    except IdentitetFejl as fejl:
        form.subjekt.errors = [str(fejl)]
        return _page(found, form), 422
    return done(id, "Kontoen er knyttet til brugeren.")


@kræver(Ret.BRUGERE)
@frisk
def konto_kode(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """A code for the user to tie her account with herself; shown once."""
    found = another(id)
    _issuer()
    kode = ny_kode(current_session(), found)
    current_session().commit()
    return _page(found, IdentitetFormular(formdata=None), kode)


@kræver(Ret.BRUGERE)
@frisk
def konto_fjern(id: uuid.UUID) -> ResponseReturnValue:  # noqa: A002
    """Untie a user's account; what she began with it ends."""
    found = another(id)
    if not fjern(current_session(), found, _issuer()):
        return done(id, "Der var ingen konto at fjerne.")
    return done(id, "Kontoen er fjernet. Brugeren er logget ud, hvor hun var logget ind med den.")


def _page(found: Bruger, form: IdentitetFormular, kode: str = "") -> str:
    known = brugers_identitet(current_session(), found.id, _issuer()) if udbyder() is not None else None
    return render_template("databeskyttelse/konto.html", den=found, form=form, kendt=known, kode=kode)


def _issuer() -> str:
    service = udbyder()
    if service is None:
        raise Konflikt("Log ind gennem en tjeneste er ikke sat op her.")
    return service.opsætning.udsteder
