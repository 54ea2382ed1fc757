"""Saving a contact and showing a resident through HTTP, against the same program with plain JSON for envelopes."""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from werkzeug.serving import make_server

from rådgivning import create_app
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.database import new_id, today
from rådgivning.kontakter.log import log_kontakt
from rådgivning.kontakter.models import KontaktData
from rådgivning.nøgler import opening
from rådgivning.nøgler.keystore import KeyStore
from tests.bench.measuring import KODEORD, in_turns, instance, report
from tests.drift.server import Klient
from tests.limit import vent_på

FELTER = {
    "art": "en_til_en", "aktivitet": "beboerrådgivning", "form": "fremmøde", "kilde": "beboeren_selv",
    "hovedemne": "gæld", "udfald": "råd_givet", "aldersgruppe": "30-39", "afdeling": "aab55", "varighed": "30",
    "notat": "Gennemgik budgettet sammen og aftalte at ses igen.",
}  # fmt: skip
RUNDER = 60


@contextmanager
def plain_json() -> Iterator[None]:
    """Envelopes as plain JSON: no key is fetched, nothing is sealed or opened; all else is the same program."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(opening, "seal_bytes", lambda _k, _e, _p, plain: plain))
        stack.enter_context(mock.patch.object(opening, "open_bytes", lambda _k, _p, blob: blob))
        stack.enter_context(mock.patch.object(KeyStore, "get", lambda _s, _p: b""))
        stack.enter_context(mock.patch.object(KeyStore, "get_or_create", lambda _s, _p, _n: b""))
        stack.enter_context(mock.patch.object(KeyStore, "get_many", lambda _s, ps: dict.fromkeys(ps, b"")))
        yield


@contextmanager
def served(setup: Callable[[], Any]) -> Iterator[tuple[Klient, uuid.UUID]]:
    """One instance with a resident of 20 contacts, served on loopback, and a signed-in client."""
    with instance() as (settings, kontekst, aktører):
        with setup(), kontekst.session(aktører[Rolle.BEBOERRÅDGIVER]) as session:
            data = BeboerData(navn="Zxq Prøvesen", telefon="+4500112233", adresse="Prøveager 1", afdeling="aab55")
            beboer = opret_beboer(session, data).id
            for _ in range(20):
                felter = KontaktData.model_validate({**FELTER, "varighed": 30})
                log_kontakt(session, felter, dato=today(), beboer_id=beboer)
            session.commit()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app = create_app(settings)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        klient = Klient(server.server_port)
        if klient.log_ind("bodil", KODEORD) != 303:
            raise RuntimeError("could not sign in")
        yield klient, beboer
        klient.close()
        server.shutdown()
        vent_på([thread])
        app.extensions["nøgler"].close()


def run() -> None:
    """Print both ratios."""
    with ExitStack() as stack:
        sealed = stack.enter_context(served(ExitStack))
        plain = stack.enter_context(served(plain_json))
        for name, work in (("gem kontakt", _save), ("vis beboer", _show)):
            times = in_turns({"kuverter": partial(work, *sealed), "json": partial(_plainly, work, *plain)}, RUNDER)
            report(name, times["kuverter"], times["json"], "højst 1,3×")


def _plainly(work: Callable[[Klient, uuid.UUID], None], klient: Klient, beboer: uuid.UUID) -> None:
    with plain_json():
        work(klient, beboer)


def _save(klient: Klient, beboer: uuid.UUID) -> None:
    body = {**FELTER, "dato": today().isoformat(), "beboer_id": str(beboer), "formular_id": str(new_id())}
    status = klient.request("POST", "/kontakter/ny?art=en_til_en", urlencode({**body, "csrf_token": klient.token}))[0]
    if status != 303:
        raise RuntimeError(f"saving answered {status}: {json.dumps(sorted(body))}")


def _show(klient: Klient, beboer: uuid.UUID) -> None:
    status = klient.get(f"/beboere/{beboer}")[0]
    if status != 200:
        raise RuntimeError(f"the page answered {status}")
