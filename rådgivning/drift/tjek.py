"""The verb `drift tjek`: looks at the running place, says what it sees, and what to do."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from rådgivning.drift.fund import Fund, Niveau, fejl
from rådgivning.drift.instance import StartFejl, open_instance
from rådgivning.drift.parser import add_verb
from rådgivning.drift.tjek_adresse import tjek_adresse
from rådgivning.drift.tjek_drift import tjek_biblioteker, tjek_kørende
from rådgivning.drift.tjek_maskine import Maskine, tjek_disk, tjek_filer, tjek_kerne
from rådgivning.settings import Settings, SettingsFejl


def add_to(drift: Any) -> None:
    """Add `tjek` to the verb `drift`."""
    verb = add_verb(
        drift, "tjek", _tjek, "Se på stedet, programmet kører: certifikat, filer, database, kopier, maskine.",
        "raadgivning drift tjek --kun-fund",
    )  # fmt: skip
    verb.add_argument("--kun-fund", action="store_true", help="vis kun det, der er noget i vejen med")


def fund(settings: Settings, maskine: Maskine) -> Iterator[Fund]:
    """Everything there is to say. A part that cannot be looked at is a finding, and the rest goes on."""
    yield from tjek_adresse(settings)
    yield from tjek_filer(settings)
    if settings.instance.exists():
        yield from tjek_disk(settings, maskine)
    yield from tjek_kerne(maskine)
    yield tjek_biblioteker()
    try:
        kontekst = open_instance(settings.tjekket())
    except (StartFejl, SettingsFejl) as error:
        yield fejl("instans", str(error))
        return
    try:
        yield from tjek_kørende(settings, kontekst)
    except SettingsFejl as error:
        yield fejl("indstillinger", str(error))
    finally:
        kontekst.close()


def _tjek(settings: Settings, args: Namespace) -> int:
    worst = Niveau.OK
    for one in fund(settings, Maskine()):
        worst = max(worst, one.niveau)
        if one.niveau or not args.kun_fund:
            sys.stdout.write(f"{one.linje}\n")
    return int(worst)
