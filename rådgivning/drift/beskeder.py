"""The verb `beskeder send`: the daily digests, the mail queue, and the end of old notices."""

from __future__ import annotations

import signal
import sys
import threading
from argparse import Namespace
from typing import Any

from sqlalchemy.exc import OperationalError

from rådgivning.beskeder.daily import lav_overblik
from rådgivning.beskeder.queue import ryd_gamle
from rådgivning.beskeder.sending import Afsendelse, tøm_køen
from rådgivning.database import på_tværs
from rådgivning.databeskyttelse.weekly_head import send_hoveder
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.overblik.digest import dagens_tal
from rådgivning.settings import Postopsætning, Settings
from rådgivning.spor.trail import Aktør

MANGLER = "E-mail er ikke sat op. Sæt RAADGIVNING_SMTP_HOST, RAADGIVNING_SMTP_AFSENDER og RAADGIVNING_ADRESSE."
OPTAGET = "Databasen svarer ikke lige nu."


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    beskeder = group(verbs, "beskeder", "Beskeder på e-mail.")
    send = add_verb(
        beskeder, "send", _send, "Send ventende beskeder og dagens overblik på e-mail, én gang eller igen og igen.",
        "raadgivning beskeder send --hvert 60",
    )  # fmt: skip
    send.add_argument("--hvert", type=sekunder, metavar="SEKUNDER", help="bliv ved, med så mange sekunder imellem")


def sekunder(text: str) -> int:
    """The pause between two rounds of a process that stays."""
    seconds = int(text)
    if not 1 <= seconds <= 3600:
        raise ValueError(text)
    return seconds


def _send(settings: Settings, args: Namespace) -> int:
    if settings.post is None:
        raise KommandoFejl(MANGLER)
    kontekst = open_instance(settings)
    try:
        if args.hvert is not None:
            return _again_and_again(kontekst, settings, settings.post, args.hvert)
        result = send_runde(kontekst, settings, settings.post)
    except OperationalError:
        raise KommandoFejl(f"{OPTAGET} Prøv igen.") from None
    finally:
        kontekst.close()
    sys.stdout.write(_line(result))
    return 1 if result.udskudt or result.opgivet else 0


def send_runde(
    kontekst: Nøglekontekst, settings: Settings, post: Postopsætning, stop: threading.Event | None = None
) -> Afsendelse:
    """One round: old notices end, digests that are due are made, the queue is worked."""
    with kontekst.session(Aktør()) as session, på_tværs(session):
        session.info["settings"] = settings
        ryd_gamle(session)
        session.commit()
        lav_overblik(session, dagens_tal)
        send_hoveder(session)
        return tøm_køen(session, post, stop.is_set if stop else lambda: False)


def _again_and_again(kontekst: Nøglekontekst, settings: Settings, post: Postopsætning, seconds: int) -> int:
    """Until told to stop; the mail being handed over is then finished first. A busy database is only waited for."""
    stop = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    try:
        while not stop.is_set():
            try:
                result = send_runde(kontekst, settings, post, stop)
            except OperationalError:
                sys.stderr.write(f"{OPTAGET} Prøver igen om {seconds} sekunder.\n")
            else:
                if result != Afsendelse():
                    sys.stdout.write(_line(result))
                    sys.stdout.flush()
            stop.wait(seconds)
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _line(result: Afsendelse) -> str:
    return f"{result.sendt} sendt, {result.udskudt} udskudt, {result.opgivet} opgivet\n"
