"""The verb `start`: gunicorn with the settings this program wants."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from dataclasses import replace
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from rådgivning.adgang.oidc_setup import åbn_udbyder
from rådgivning.drift.instance import check_accounts, open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb
from rådgivning.settings import Settings

TIMEOUT = 180  # seconds a worker may be silent; the web server in front waits a little longer
_SOCKET_UMASK = 0o117  # a socket file is for this user and its group: the web server in front is in it
_SHM = "/dev/shm"  # noqa: S108  # where gunicorn's heartbeat costs no disk  # nosec B108


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn inside this process, configured in Python. Its access log holds no query string and no body."""

    def __init__(self, settings: Settings, bind: str, workers: int) -> None:
        self._settings = settings
        self._options = {
            "bind": bind,
            "umask": _SOCKET_UMASK,
            "workers": workers,
            "threads": 4,
            "timeout": TIMEOUT,
            "graceful_timeout": 20,
            "worker_class": "gthread",
            "worker_tmp_dir": _SHM if os.path.isdir(_SHM) else None,  # noqa: PTH112
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "limit_request_line": 2048,
            "proc_name": "raadgivning",
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn the options it knows in this version."""
        for name, value in self._options.items():
            if name in self.cfg.settings and value is not None:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in each worker, which takes its first request with its memory filled."""
        from rådgivning import create_app
        from rådgivning.drift.warming import varm_op

        app = create_app(self._settings)
        if "nøgler" in app.extensions:
            varm_op(app.extensions["nøgler"])
        return app


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    start = add_verb(
        verbs, "start", _start, "Start serveren (bag en webserver, der står for HTTPS).",
        "raadgivning start --bind unix:/run/raadgivning/web.sock",
    )  # fmt: skip
    start.add_argument(
        "--bind", default="127.0.0.1:8000", help="unix:sti, eller en port på denne maskine (standard 127.0.0.1:8000)"
    )
    start.add_argument("--arbejdere", type=int, default=2, help="antal processer (standard 2)")
    start.add_argument(
        "--udvikling",
        action="store_true",
        help="tillad RAADGIVNING_KEY og RAADGIVNING_ANDEN_FAKTOR=kan i miljøet; aldrig i drift",
    )


def _only_here(bind: str) -> bool:
    """Whether nobody outside this machine can reach the address."""
    host = bind.rpartition(":")[0].strip("[]")
    return bind.startswith("unix:") or host in {"127.0.0.1", "::1", "localhost"}


def _start(settings: Settings, args: Namespace) -> int:
    settings = replace(settings, development=args.udvikling).tjekket()
    if not (args.udvikling or _only_here(args.bind)):
        raise KommandoFejl(
            "Serveren taler ukrypteret. Brug --bind unix:/sti eller 127.0.0.1:port, og en webserver foran."
        )
    kontekst = open_instance(settings)
    for line in () if settings.development else check_accounts(settings, kontekst):
        sys.stderr.write(f"{line}\n")
    kontekst.close()
    åbn_udbyder(settings)
    Server(settings, args.bind, args.arbejdere).run()
    return 0
