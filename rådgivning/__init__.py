"""rådgivning: casework for the beboerrådgiver, and figures from which nobody can be found again."""

from __future__ import annotations

import hashlib
import os
import traceback
import uuid
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO

from flask import Flask, Request, g
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from sqlalchemy.exc import IntegrityError
from werkzeug.middleware.proxy_fix import ProxyFix

from rådgivning.adgang.guard import init_guard, init_identity
from rådgivning.adgang.headers import init_headers
from rådgivning.adgang.navigation import init_navigation
from rådgivning.adgang.oidc_setup import åbn_udbyder
from rådgivning.adgang.permissions import IkkeFundet, check_declarations, offentlig
from rådgivning.adgang.taken import uden_nummer
from rådgivning.beskeder.queue import ryd_gamle, varsl_adgang, varsl_ny_enhed
from rådgivning.dansk import FILTERS
from rådgivning.databeskyttelse.requests import varsle_frister
from rådgivning.databeskyttelse.retention_run import gør_endelige
from rådgivning.databeskyttelse.rights_review import varsl_gennemgang
from rådgivning.drift.closed import closed_app
from rådgivning.drift.instance import StartFejl, open_instance
from rådgivning.kalender import retention
from rådgivning.kalender.subscriptions import tilbagekald_for
from rådgivning.opgaver.consent_tasks import følg_samtykke
from rådgivning.overblik.handovers import glem_overdragelser
from rådgivning.plan.place_names import stedord
from rådgivning.restancer.list_import import ryd_lister
from rådgivning.restancer.talks import følg_kontakt
from rådgivning.settings import Settings, SettingsFejl
from rådgivning.spor.trail import Aktør
from rådgivning.virus import læs_skanner

ROOMS = (
    "adgang",
    "beskeder",
    "plan",
    "beboere",
    "samtykker",
    "opgaver",
    "kalender",
    "kontakter",
    "henvisninger",
    "restancer",
    "sundhedstjek",
    "overblik",
    "databeskyttelse",
    "statistik",
    "rapporter",
    "drift",
)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
HERE = Path(__file__).resolve().parent


class Forespørgsel(Request):
    """A request whose uploads stay in memory; werkzeug would put the large ones into /tmp in clear."""

    def _get_file_stream(self, *_sizes_and_names: object, **_more: object) -> IO[bytes]:
        return BytesIO()


class Raadgivning(Flask):
    """Flask that writes no exception's message to the log: it may quote what somebody typed."""

    request_class = Forespørgsel

    def dispatch_request(self) -> ResponseReturnValue:
        """The page's answer; to a form whose number is somebody else's row, that of a form that cannot be saved."""
        try:
            return super().dispatch_request()
        except (IkkeFundet, IntegrityError) as fejl:
            if not uden_nummer(fejl):
                raise
        return super().dispatch_request()

    def log_exception(self, exc_info: ExcInfo) -> None:  # type: ignore[override]
        """Log an id, the kind of error and where it happened."""
        g.fejl_id = uuid.uuid4().hex[:12]
        kind, _error, trace = exc_info
        where = traceback.extract_tb(trace)[-1:]
        place = f"{where[0].filename}:{where[0].lineno}" if where else "?"
        self.logger.error("fejl %s: %s i %s", g.fejl_id, kind.__name__, place)


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application. With a wrong key or a database of another version it answers 503 and says why."""
    settings = (settings or Settings.from_environment(os.environ)).tjekket()
    try:
        udbyder = åbn_udbyder(settings)
        læs_skanner(settings)
        kontekst = open_instance(settings)
    except (StartFejl, SettingsFejl) as fejl:
        return closed_app(_bare_app(settings), str(fejl))
    app = _bare_app(settings)
    app.secret_key = kontekst.cookie_key

    def make_session() -> object:
        session = kontekst.session(Aktør(rolle="ingen"))
        session.info["settings"] = settings
        session.info["efter_kontakt"] = (følg_kontakt,)
        session.info["efter_samtykke"] = (følg_samtykke,)
        session.info["ny_enhed"] = (varsl_ny_enhed,)
        session.info["adgang_ændret"] = (varsl_adgang,)
        session.info["mistet"] = (tilbagekald_for,)
        session.info["stedord"] = (stedord,)
        session.info["oprydning"] = (
            gør_endelige,
            glem_overdragelser,
            retention.slet_udløbne,
            ryd_gamle,
            ryd_lister,
            varsle_frister,
            varsl_gennemgang,
        )
        return session

    app.extensions.update(make_session=make_session, nøgler=kontekst, settings=settings, oidc=udbyder)

    def make_statistics_session(helhedsplan_id: uuid.UUID) -> object:
        session = kontekst.session(Aktør(None, "system", helhedsplan_id))
        session.info["settings"] = settings
        return session

    app.extensions.update(statistik_frø=kontekst.rounding_key, statistik_session=make_statistics_session)
    init_headers(app)
    init_identity(app)
    CSRFProtect(app)
    init_guard(app)
    init_navigation(app)
    for room in ROOMS:
        app.register_blueprint(import_module(f"rådgivning.{room}.views").make_blueprint())
    offentlig(app.view_functions["static"])
    check_declarations(app)
    return app


def _bare_app(settings: Settings) -> Flask:
    templates = HERE.parent / "templates"
    app = Raadgivning(__name__, template_folder=str(templates if templates.is_dir() else HERE / "templates"))
    app.config.update(
        SESSION_COOKIE_NAME="__Host-formular" if settings.https else "formular",
        LOGIN_COOKIE="__Host-raadgivning" if settings.https else "raadgivning",
        DEVICE_COOKIE="__Host-enhed" if settings.https else "enhed",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=settings.request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.request_bytes,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    n = settings.proxies
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["programversion"] = _fingerprint(HERE / "static")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    return app


def _fingerprint(static: Path) -> str:
    """Eight hex digits that change with our own style sheet and script, so that browsers fetch them anew."""
    return hashlib.sha256(
        b"".join((static / name).read_bytes() for name in ("app.css", "app.js", "passkey.js"))
    ).hexdigest()[:8]
