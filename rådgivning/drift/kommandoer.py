"""`raadgivning`: the verbs, what they take, and how they end (0 done, 1 refused or found something, 2 could not)."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from rådgivning.database import empty_wal, make_engine
from rådgivning.drift import (
    backup,
    beskeder,
    brugere,
    databeskyttelse,
    demo,
    importer,
    instans,
    nøgler,
    omgivelser,
    planer,
    server,
    spor,
    tal,
)
from rådgivning.drift.instance import SVARER_IKKE, StartFejl
from rådgivning.drift.nøgler import with_passphrase
from rådgivning.drift.parser import DanskParser, KommandoFejl
from rådgivning.settings import Settings, SettingsFejl

Verb = Callable[[Settings, Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    args = build_parser().parse_args(argv)
    verb: Verb = args.verb
    try:
        settings = Settings.from_environment(os.environ)
        if args.åbner:
            settings = with_passphrase(settings, fra_stdin=args.sætning_fra_stdin)
        try:
            return verb(settings, args)
        finally:
            if args.åbner:
                _empty_logs(settings)
    except (StartFejl, SettingsFejl, KommandoFejl) as fejl:
        sys.stderr.write(f"fejl: {fejl}\n")
        return 2
    except (OperationalError, InterfaceError):
        sys.stderr.write(f"fejl: {SVARER_IKKE}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("afbrudt\n")
        return 2


def _empty_logs(settings: Settings) -> None:
    """What a verb wrote beside a running server stays in no log of SQLite's, as after a request."""
    for url in (settings.database_url, settings.keystore_url):
        if url.startswith("sqlite") and Path(f"{make_url(url).database}-wal").exists():
            engine = make_engine(url)
            with suppress(SQLAlchemyError):  # a database that does not answer was told of by the verb
                empty_wal(engine)
            engine.dispose()


def build_parser() -> DanskParser:
    """Every verb with its help and example."""
    parser = DanskParser(prog="raadgivning", description="Beboerrådgivning: sager, og tal som ingen kan findes i.")
    verbs = parser.add_subparsers(required=True, metavar="kommando", parser_class=DanskParser, title="kommandoer")
    for module in (
        demo,
        instans,
        nøgler,
        backup,
        planer,
        server,
        brugere,
        beskeder,
        importer,
        tal,
        spor,
        databeskyttelse,
        omgivelser,
    ):
        module.add_verbs(verbs)
    return parser
