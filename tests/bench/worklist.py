"""The work list through HTTP with 3,000 open cases against 30: plain, filtered by what is sealed, and just after a
restart: in this process, and of a server that is started anew as in production."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from flask import Flask
from sqlmodel import Session
from werkzeug.serving import make_server

from rådgivning import create_app
from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.models import Lejemål, LejemålData
from rådgivning.database import new_id, today
from rådgivning.drift.warming import varm_op
from rådgivning.nøgler.envelope import seal_bytes
from rådgivning.restancer.models import Hændelse, Kontaktforsøg, Restancesag, RestancesagData
from rådgivning.restancer.phases import tilstand
from rådgivning.spor.trail import Aktør
from tests.bench.measuring import KODEORD, in_turns, instance, report, seconds
from tests.drift.server import Klient, server
from tests.limit import vent_på

FÅ, MANGE = 30, 3_000
RUNDER = 40
GENSTARTER = 7
FILTRE = {"afdeling": "aab55", "børn": "ja", "kontaktet": "nej"}


@contextmanager
def served(antal: int) -> Iterator[tuple[Klient, Flask, Path]]:
    """One instance with so many open cases, served on loopback, and a signed-in client."""
    with instance() as (settings, kontekst, aktører):
        with kontekst.session(aktører[Rolle.BEBOERRÅDGIVER]) as session:
            _fill(session, aktører[Rolle.BEBOERRÅDGIVER], antal)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app = create_app(settings)
        serving = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        klient = Klient(serving.server_port)
        if klient.log_ind("bodil", KODEORD) != 303:
            raise RuntimeError("could not sign in")
        yield klient, app, settings.instance
        klient.close()
        serving.shutdown()
        vent_på([thread])
        app.extensions["nøgler"].close()


def run() -> None:
    """Print the ratios 3,000 : 30."""
    with ExitStack() as stack:
        few, few_app, few_instance = stack.enter_context(served(FÅ))
        many, many_app, many_instance = stack.enter_context(served(MANGE))
        for name, valg in (
            ("uden filtre", {}),
            ("filtre på det lukkede", FILTRE),
            ("efter forsøg", {"orden": "forsøg"}),
        ):
            for klient in (few, many):
                _choose(klient, valg)
            times = in_turns({"få": partial(_show, few), "mange": partial(_show, many)}, RUNDER)
            report(f"arbejdsliste, {name}", times["mange"], times["få"], "højst 1,5×")
        for klient in (few, many):
            _choose(klient, {})
        ready = in_turns({"få": partial(_restart, few_app), "mange": partial(_restart, many_app)}, GENSTARTER)
        report("hukommelsen fyldt ved start", ready["mange"], ready["få"], "oplysning")
        cold = {"få": _first(few, few_app), "mange": _first(many, many_app)}
        report("arbejdsliste, første gang efter genstart", cold["mange"], cold["få"], "højst 1,5×")
        fresh = {"få": _anew(few, few_instance), "mange": _anew(many, many_instance)}
        report("arbejdsliste, første side i en ny server", fresh["mange"], fresh["få"], "højst 1,5×")
        times = in_turns({"få": partial(_today, few), "mange": partial(_today, many)}, RUNDER)
        report("i dag", times["mange"], times["få"], "højst 1,5×")


def _choose(klient: Klient, valg: dict[str, str]) -> None:
    status = klient.request("POST", "/restancer", urlencode({**valg, "csrf_token": klient.token}))[0]
    if status != 303:
        raise RuntimeError(f"the filters answered {status}")


def _show(klient: Klient) -> None:
    status = klient.get("/restancer")[0]
    if status != 200:
        raise RuntimeError(f"the list answered {status}")


def _today(klient: Klient) -> None:
    status = klient.get("/")[0]
    if status != 200:
        raise RuntimeError(f"the page answered {status}")


def _restart(app: Flask) -> None:
    """Forget what the worker knows and fill it again, as when one starts."""
    billeder = app.extensions["nøgler"].billeder
    billeder._kept.clear()
    billeder._nået.clear()
    vent_på([varm_op(app.extensions["nøgler"])])


def _first(klient: Klient, app: Flask) -> float:
    """Median seconds of the first list after a restart."""
    times = []
    for _ in range(GENSTARTER):
        _restart(app)
        times.append(seconds(partial(_show, klient)))
    return median(times)


def _anew(klient: Klient, instance: Path) -> float:
    """Median seconds of the first list that a new server with one worker answers; the sign-in is still good."""
    times = []
    for _ in range(GENSTARTER):
        with server(instance, "start", "--udvikling", "--bind", "127.0.0.1:PORT", "--arbejdere", "1") as (
            port,
            _process,
        ):
            again = Klient(port)
            again.cookies, again.token = klient.cookies, klient.token
            times.append(seconds(partial(_show, again)))
            again.close()
    return median(times)


def _fill(session: Session, aktør: Aktør, antal: int) -> None:
    """Cases in all phases and afdelinger, one in three reached, every second in a household that has said of children.

    Of what the filters ask for there is always more than a page, so that both lists show 25 rows.
    """
    draw = random.Random(7)
    ids = [new_id() for _ in range(antal)]
    homes = [new_id() for _ in ids[::2]]
    keys = session.info["keystore"].create_many([*ids, *homes])
    assert aktør.helhedsplan_id is not None
    assert aktør.bruger_id is not None
    for n, sag_id in enumerate(ids):
        first = n < FÅ
        fase = draw.choice(("forfalden", "påkrav", "ophævet", "fogedsag"))
        hændelser = [Hændelse(fase=fase, dato=today() - timedelta(days=draw.randrange(60)), kilde="opkrævning")]
        reached = not first and n % 3 == 0
        data = RestancesagData(
            navn=f"Zxq Prøvesen {n}",
            adresse=f"Opdigtet Allé {n}",
            lejemål=f"55-{n:04d}",
            afdeling="aab55" if first else draw.choice(("aab55", "steenbjerggård", "vildtbanegård_1")),
            hændelser=hændelser,
            børn_i_husstanden=True if first else draw.choice((True, False, None)),
            forsøg=[Kontaktforsøg(måde="telefon", dato=today(), truffet=reached)],
            kontaktet=today() if reached else None,
        )
        stand = tilstand(hændelser)
        row = Restancesag(
            id=sag_id,
            helhedsplan_id=aktør.helhedsplan_id,
            ejer_id=aktør.bruger_id,
            boligorganisation="aab",
            oprettet=today(),
            fase=stand.fase,
            frist=stand.frist,
        )
        row.sealed = seal_bytes(keys[sag_id], 1, row.place, data.model_dump_json().encode())
        session.add(row)
    for n, home in enumerate(homes):
        tenancy = LejemålData(
            nummer=f"55-{2 * n:04d}", boligorganisation="aab", børn_i_husstanden=True, sager=[ids[2 * n]]
        )
        house = Lejemål(id=home, helhedsplan_id=aktør.helhedsplan_id)
        house.sealed = seal_bytes(keys[home], 1, house.place, tenancy.model_dump_json().encode())
        session.add(house)
    session.commit()
