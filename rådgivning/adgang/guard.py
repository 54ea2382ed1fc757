"""What happens before and after every view: who is it, may she, and is the trace kept."""

from __future__ import annotations

import math
import sys
import uuid
from dataclasses import replace

from flask import Flask, Response, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from rådgivning.adgang.administration import er_administration, fra_tilladt_net, ny_browser
from rådgivning.adgang.headers import SAFE_METHODS
from rådgivning.adgang.kladder import gem_kladde
from rådgivning.adgang.pace import Grænser
from rådgivning.adgang.permissions import (
    RETTIGHEDER,
    Forbudt,
    IkkeFundet,
    Indlogget,
    Konflikt,
    Ret,
    declared_rights,
    indlogget,
)
from rådgivning.adgang.sessions import Sessionstilstand, find_session
from rådgivning.adgang.stepup import bevis_først
from rådgivning.adgang.typed import keep_typed, return_to
from rådgivning.database import current_session, now, today
from rådgivning.nøgler.errors import Begrænset, Shredded, Tampered
from rådgivning.nøgler.opening import Dækket, MåIkkeÅbne
from rådgivning.nøgler.restriction import BEGRÆNSET
from rådgivning.spor.models import Handling
from rådgivning.spor.strangers import sted
from rådgivning.spor.trail import finish, skriv

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
UDEN_BEBOER = frozenset({"kontakt", "opgave", "henvisning", "restancesag"})
"""The tables whose rows may be about nobody and be opened with nødadgang all the same."""
TEKSTER = {
    400: "Forespørgslen kunne ikke forstås. Gå tilbage, indlæs siden igen, og prøv en gang til.",
    403: "Din rolle giver ikke adgang til denne side.",
    404: "Siden findes ikke. Den kan være slettet, eller adressen kan være forkert.",
    405: "Siden kan ikke bruges på den måde.",
    413: "Det indsendte fylder for meget. Forkort teksten, eller del filen i mindre filer.",
    429: "Der har været for mange forsøg. Vent lidt, og prøv igen.",
}


FREMMED_NET = "Brugere, rettigheder, anmodninger og spor kan kun bruges fra de netværk, I har valgt til det."
FOR_HURTIGT = "Der er hentet usædvanligt mange sider på kort tid."
BAGEFTER = " Det, du skrev, er gemt og står klar bagefter."
IKKE_GEMT = " Det, du skrev, kunne ikke gemmes her: gå tilbage i browseren, og kopiér det, før du går videre."
IKKE_NU = "Det kunne ikke gemmes. Giv beboerrådgiveren besked om det, du ville skrive."
KLADDE = " Det, du skrev, er gemt og står klar, når du åbner siden igen."


def init_identity(app: Flask) -> None:
    """Find out who asks. Installed before the CSRF check, so that its refusals also say whom they met."""
    app.before_request(_identify)


def init_guard(app: Flask) -> None:
    """Install the guard and the error pages."""
    app.extensions["grænser"] = Grænser(app.extensions["settings"])
    app.before_request(_check_access)
    app.after_request(_keep_trace)
    app.teardown_request(_close)
    app.register_error_handler(IkkeFundet, _not_found)
    app.register_error_handler(Shredded, _shredded)
    app.register_error_handler(Tampered, _tampered)
    app.register_error_handler(Forbudt, _forbidden)
    app.register_error_handler(MåIkkeÅbne, _forbidden)
    app.register_error_handler(Dækket, _covered)
    app.register_error_handler(Konflikt, _conflict)
    app.register_error_handler(Begrænset, _restricted)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(500, _server_error)


def _identify() -> None:
    if request.endpoint == "static":
        return
    session = current_session()
    g.tilstand = find_session(session, request.cookies.get(current_app.config["LOGIN_COOKIE"], ""))
    if g.tilstand.bruger is not None and g.tilstand.levende:
        g.bruger = g.tilstand.bruger
        session.info["aktør"] = replace(g.bruger.som_aktør(), enhed=str(g.tilstand.session_id))


def _check_access() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    needed = declared_rights(current_app.view_functions[request.endpoint])
    if not needed:
        return None
    user = indlogget()
    if user is None:
        return _to_login(g.tilstand)
    vent = current_app.extensions["grænser"].kald.vent(user.id, now())
    if vent and request.endpoint != "adgang.log_ud":
        return _too_fast(user, vent)
    if not needed & RETTIGHEDER[user.rolle]:
        raise Forbudt(request.endpoint)
    if Ret.LOGIN in needed:
        return None
    if not (user.skal_skifte or user.uden_faktor):
        return _check_administration(request.endpoint) if er_administration(user.rolle, needed) else None
    return _finish_sign_in(user)


def _finish_sign_in(user: Indlogget) -> ResponseReturnValue:
    """First another password, or something besides it: what she sent is kept meanwhile, and she gets back to it.

    Kept also from a session without a factor, since it is alive and hers; it is opened only when she has added one.
    """
    sent = request.method not in SAFE_METHODS and request.blueprint != "adgang"
    saved = _save_draft(replace(g.tilstand, bruger=replace(user, uden_faktor=False)))
    current_session().commit()
    if request.headers.get("Sec-Fetch-Dest") != "empty" and (saved or not sent):
        return_to(request.path, sent=sent)
    if sent:
        first = "skifte adgangskode" if user.skal_skifte else "sætte login i to trin op"
        flash(f"Du skal først {first}.{BAGEFTER if saved else IKKE_GEMT}", "info" if saved else "advarsel")
    return redirect(url_for("adgang.kodeord" if user.skal_skifte else "adgang.to_trin"), 303)


def _check_administration(endpoint: str) -> ResponseReturnValue | None:
    """Administration, besides the right to it: from a network that may, and from a browser that is known or proved."""
    session, settings = current_session(), current_app.extensions["settings"]
    if not fra_tilladt_net(settings, request.remote_addr or ""):
        _refuse(403, endpoint, anledning="administration fra et andet netværk")
        saved = _save_draft(g.tilstand)
        session.commit()
        return _page(403, f"{FREMMED_NET}{KLADDE if saved else ''}")
    return bevis_først() if ny_browser(session, settings, g.tilstand) else None


def _too_fast(user: Indlogget, vent: float) -> ResponseReturnValue:
    """More calls than hands make. What was typed is kept, but not without end; the trail has it once a minute."""
    session, grænser = current_session(), current_app.extensions["grænser"]
    if not grænser.noter.vent(user.id, now()):
        _refuse(429, str(request.endpoint), anledning="for mange kald")
    saved = not grænser.kladder.vent(user.id, now()) and _save_draft(g.tilstand)
    session.commit()
    seconds = math.ceil(vent)
    page = render_template("fejl.html", kode=429, besked=f"{FOR_HURTIGT}{KLADDE if saved else ''}", vent=seconds)
    return page, 429, {"Retry-After": str(seconds)}


def _to_login(tilstand: Sessionstilstand) -> ResponseReturnValue:
    """Send a stranger to the login page; what a signed-out user had typed is kept for her as a sealed draft."""
    session = current_session()
    _refuse(401, str(request.endpoint))
    saved = _save_draft(tilstand)
    session.commit()
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return _page(401, "Du er logget ud. Log ind igen.")
    if saved:
        flash("Du var logget ud. Det, du skrev, er gemt og står klar, når du har logget ind.", "info")
    elif tilstand.bruger is not None:
        flash("Du er logget ud. Log ind for at fortsætte.", "info")
    return redirect(url_for("adgang.log_ind", næste=request.path), 303)


def _save_draft(tilstand: Sessionstilstand) -> bool:
    """Keep what a known user sent and cannot be accepted now. Passwords are sent to the room `adgang` alone."""
    user, endpoint = tilstand.bruger, request.endpoint
    if (
        user is None
        or endpoint is None
        or tilstand.spærret
        or request.method != "POST"
        or request.blueprint == "adgang"
    ):
        return False
    if not any(user.har(ret) for ret in declared_rights(current_app.view_functions[endpoint])):
        return False
    if not user.har(Ret.KLADDE):
        return keep_typed(user, request.form.to_dict(flat=False))
    session = current_session()
    session.info["aktør"] = user.som_aktør()
    return gem_kladde(session, request.path, request.form.to_dict(flat=False))


def _keep_trace(response: Response) -> Response:
    if "session" in g:
        finish(g.session, keep=response.status_code < 400)
    return response


def _close(_error: BaseException | None) -> None:
    session = g.pop("session", None)
    if session is not None:
        session.close()
        if request.method not in SAFE_METHODS:
            current_app.extensions["nøgler"].empty_logs()


def _refuse(status: int, genstand: str, række: uuid.UUID | None = None, anledning: str = "") -> None:
    rækker = [række] if række is not None else []
    method = request.method if request.method in METHODS else "anden"
    detaljer: dict[str, str | int] = {"status": status, "metode": method}
    where = _place() if indlogget() is None else ""
    skriv(current_session(), Handling.AFVIST, genstand, rækker, anledning=anledning, detaljer=detaljer, sted=where)


def _place() -> str:
    """Where a stranger knocks, as a mark that is no address: what she is refused is counted by it."""
    return sted(current_app.extensions["nøgler"].audit_key, request.remote_addr or "", today())


def _page(status: int, besked: str) -> ResponseReturnValue:
    return render_template("fejl.html", kode=status, besked=besked), status


def _not_found(error: IkkeFundet) -> ResponseReturnValue:
    if not error.noteret:
        _refuse(404, error.genstand, error.række, error.anledning)
    return _page(404, TEKSTER[404])


def _shredded(_error: Shredded) -> ResponseReturnValue:
    _refuse(404, "personnøgle")
    return _page(404, "Oplysningerne er slettet og kan ikke hentes igen.")


def _tampered(_error: Tampered) -> ResponseReturnValue:
    _refuse(500, "kuvert", anledning="kuverten er ændret")
    return _page(500, "Oplysningerne er ændret uden om programmet og kan ikke læses. Kontakt den, der driver systemet.")


def _forbidden(error: Forbudt | MåIkkeÅbne) -> ResponseReturnValue:
    _refuse(403, str(error))
    return _page(403, (error.besked if isinstance(error, Forbudt) else "") or TEKSTER[403])


def _covered(error: Dækket) -> ResponseReturnValue:
    """A colleague's: explain it and show the way. What was typed is kept, since the time may have run out meanwhile."""
    session = current_session()
    session.rollback()
    _refuse(403, str(error), error.række, "kollegas notat er skjult")
    saved = _save_draft(g.tilstand)
    session.commit()
    way = f"/nødadgang/beboer/{error.beboer_id}" if error.beboer_id else ""
    if error.beboer_id is None and str(error) in UDEN_BEBOER:
        way = f"/nødadgang/sag/{error}/{error.række}"
    return render_template("adgang/dækket.html", beboer_id=error.beboer_id, nødadgang=way, gemt=saved), 403


def _conflict(error: Konflikt) -> ResponseReturnValue:
    return _page(409, str(error))


def _restricted(error: Begrænset) -> ResponseReturnValue:
    """Kept and nothing else (art. 18): the way to her page, where it is said why. What was typed is kept.

    Who neither works with residents nor answers their requests is told nothing of it.
    """
    session, user = current_session(), indlogget()
    session.rollback()
    _refuse(409, "beboer", error.beboer_id, "behandlingen er begrænset")
    saved = _save_draft(g.tilstand)
    session.commit()
    if user is None or not {Ret.BEBOERE, Ret.REGISTREREDE} & RETTIGHEDER[user.rolle]:
        return _page(409, f"{IKKE_NU}{KLADDE if saved else ''}")
    besked = f"{error}{KLADDE if saved else ''}"
    return render_template("fejl.html", kode=409, titel=BEGRÆNSET, besked=besked, beboer_id=error.beboer_id), 409


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    """Refuse; a form of ours that had grown too old (another tab signed in anew) is kept as a draft."""
    _refuse(400, "csrf")
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if ours and _save_draft(g.tilstand):
        current_session().commit()
        return _page(
            400, "Formularen var for gammel. Det, du skrev, er gemt som kladde: åbn siden igen, så står det der."
        )
    return _page(
        400, "Formularen er for gammel eller kom ikke herfra. Gå tilbage, indlæs siden igen, og send den på ny."
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status in {403, 404, 405, 413, 429}:
        _refuse(status, request.endpoint or "ukendt side")
    return _page(status, TEKSTER.get(status, "Noget gik galt. Prøv igen om lidt."))


def _busy(_error: OperationalError) -> ResponseReturnValue:
    current_app.log_exception(sys.exc_info())
    return _page(503, "Systemet er optaget lige nu. Gå tilbage, og prøv igen om lidt; det, du skrev, står der stadig.")


def _server_error(_error: Exception) -> ResponseReturnValue:
    return render_template("fejl.html", kode=500, besked="Der skete en fejl hos os.", fejl_id=g.get("fejl_id", "")), 500
