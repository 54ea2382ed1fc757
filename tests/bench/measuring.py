"""Timing two ways of doing the same thing against one another, in turns, so that a busy machine hits both alike."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from sqlmodel import Session, select

from rådgivning.adgang.permissions import ÅBNER, Rolle
from rådgivning.adgang.users import opret_bruger
from rådgivning.drift.instance import create_instance
from rådgivning.drift.instans import PLANER
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import indlæs
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør

KODEORD = "måling-hest-batteri-hæfteklamme"


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each, called in turns `rounds` times after one warm-up."""
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds(work))
    return {name: median(values) for name, values in times.items()}


def report(name: str, value: float, baseline: float, goal: str) -> None:
    """One line: the ratio, the goal, and the seconds behind it."""
    ratio = value / baseline
    sys.stdout.write(f"{name}: {ratio:.3g}× ({value * 1000:.2f} ms mod {baseline * 1000:.2f} ms; mål {goal})\n")
    sys.stdout.flush()


def bare_plan(session: Session) -> Helhedsplan:
    """The instance's only helhedsplan."""
    return session.exec(select(Helhedsplan)).one()


@contextmanager
def instance() -> Iterator[tuple[Settings, Nøglekontekst, dict[Rolle, Aktør]]]:
    """A fresh instance on SQLite with the Ishøj plan and two users, `bodil` and `lea`."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, Path(folder) / "data")
        settings = replace(settings, development=True, anden_faktor="kan", kald=(10**6, 10**6))
        kontekst = create_instance(settings)
        aktører = {}
        with kontekst.session(Aktør()) as session:
            plan_id = indlæs(session, PLANER / "ishøj-2025.toml").id
            session.commit()
            for rolle, navn in ((Rolle.BEBOERRÅDGIVER, "bodil"), (Rolle.LEDER, "lea")):
                bruger = opret_bruger(session, plan_id, navn, "Testa Måling", rolle, KODEORD)
                session.commit()
                aktører[rolle] = Aktør(bruger.id, rolle, plan_id, ÅBNER[rolle])
        yield settings, kontekst, aktører
        kontekst.close()
