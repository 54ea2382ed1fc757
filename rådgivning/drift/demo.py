"""The verb `demo`: an ordinary instance with the Ishøj plan, a user per role and an invented year, then the server."""

from __future__ import annotations

import socket
import sys
from argparse import Namespace
from dataclasses import replace
from typing import Any

from sqlmodel import select

from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.users import nyt_kodeord, opret_bruger
from rådgivning.database import på_tværs
from rådgivning.drift.demo_colleague import KOLLEGA, colleague
from rådgivning.drift.demo_fill import fill
from rådgivning.drift.instance import create_instance, open_instance
from rådgivning.drift.instans import PLANER
from rådgivning.drift.nøgler import with_passphrase
from rådgivning.drift.parser import KommandoFejl, add_verb
from rådgivning.drift.server import Server
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.models import Helhedsplan
from rådgivning.plan.plans import indlæs
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør

BRUGERE = {
    Rolle.BEBOERRÅDGIVER: ("bodil", "Bodil Demosen", ""),
    Rolle.EJENDOMSDRIFT: ("ejnar", "Ejnar Demosen", "aab"),
    Rolle.INKASSO: ("inge", "Inge Demosen", "aab"),
    Rolle.LEDER: ("lea", "Lea Demosen", ""),
    Rolle.DATABESKYTTELSE: ("dan", "Dan Demosen", ""),
}
KODEORD_FIL = "demo-brugere.txt"
UFÆRDIG = "demo-ufærdig"


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    demo = add_verb(
        verbs, "demo", _demo, "Lav en prøveinstans med opdigtede sager i instance/demo/, og start den.",
        "raadgivning demo --port 8080",
    )  # fmt: skip
    demo.set_defaults(åbner=False)  # the main program's: the demo's instance is another, with its own key file
    demo.add_argument("--port", type=int, default=8080, help="port på denne maskine (standard 8080)")
    demo.add_argument("--seed", type=int, default=2026, help="frø for de opdigtede sager (standard 2026)")
    demo.add_argument("--kun-data", action="store_true", help="lav prøveinstansen uden at starte den")


def _demo(settings: Settings, args: Namespace) -> int:
    settings = with_passphrase(_demo_settings(settings), fra_stdin=args.sætning_fra_stdin)
    if not args.kun_data:
        _check_port(args.port)
    if not (settings.instance / KODEORD_FIL).exists():
        make_demo(settings, args.seed)
    open_instance(settings).close()
    sys.stdout.write((settings.instance / KODEORD_FIL).read_text(encoding="utf-8"))
    sys.stdout.flush()
    if args.kun_data:
        return 0
    sys.stdout.write(f"Prøv den på http://127.0.0.1:{args.port}/  (stop med Ctrl-C)\n")
    sys.stdout.flush()
    Server(settings, f"127.0.0.1:{args.port}", 2).run()
    return 0


def _demo_settings(settings: Settings) -> Settings:
    """The demo lies in `demo/` of the instance folder unless one was named; it is served without HTTPS on loopback, and
    a password alone signs in."""
    if "RAADGIVNING_INSTANCE" not in settings.environ:
        settings = Settings.from_environment(settings.environ, settings.instance / "demo")
    return replace(settings, https=False, proxies=0, development=True, anden_faktor="kan", ny_browser_bekræfter=False)


def _check_port(port: int) -> None:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            raise KommandoFejl(f"Port {port} er optaget. Vælg en anden med --port.") from None


def make_demo(settings: Settings, seed: int) -> None:
    """Make the demo whole. One that was interrupted on the way is begun again; a folder of others is left alone."""
    unfinished = settings.instance / UFÆRDIG
    if unfinished.exists():
        _clear(settings)
    elif settings.key_file.exists() or any(settings.instance.glob("*.db")):
        raise KommandoFejl(f"Der ligger allerede en instans i {settings.instance}, som ikke er en prøveinstans.")
    sys.stdout.write("Laver en prøveinstans med et opdigtet år …\n")
    sys.stdout.flush()
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished.touch()
    kontekst = create_instance(settings)
    lines = _users(kontekst)
    fill(kontekst, seed)
    lines.append(_colleague(kontekst))
    kontekst.close()
    (settings.instance / KODEORD_FIL).write_text("".join(lines), encoding="utf-8")
    unfinished.unlink()


def _clear(settings: Settings) -> None:
    for path in (*settings.instance.glob("*.db*"), settings.key_file):
        path.unlink(missing_ok=True)


def _colleague(kontekst: Nøglekontekst) -> str:
    """The second beboerrådgiver, whose notes are covered for the first. Her line begins otherwise than with a role, so
    that whoever reads the lines by role still finds the one user of each."""
    brugernavn, navn = KOLLEGA
    kodeord = nyt_kodeord()
    with kontekst.session(Aktør()) as session, på_tværs(session):
        plan_id = session.exec(select(Helhedsplan.id)).one()
        session.commit()
        opret_bruger(session, plan_id, brugernavn, navn, Rolle.BEBOERRÅDGIVER, kodeord)
        session.commit()
    colleague(kontekst)
    return f"Kollega, også beboerrådgiver: {brugernavn} {kodeord}\n"


def _users(kontekst: Nøglekontekst) -> list[str]:
    lines = []
    with kontekst.session(Aktør()) as session, på_tværs(session):
        plan = indlæs(session, PLANER / "ishøj-2025.toml")
        session.commit()
        plan_id = plan.id
        for rolle, (brugernavn, navn, organisation) in BRUGERE.items():
            kodeord = nyt_kodeord()
            opret_bruger(session, plan_id, brugernavn, navn, rolle, kodeord, boligorganisation=organisation)
            session.commit()
            lines.append(f"{rolle} {brugernavn} {kodeord}\n")
    return lines
