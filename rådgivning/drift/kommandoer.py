"""`raadgivning`: the verbs, what they take, and how they end (0 done, 1 refused or found something, 2 could not)."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

from sqlalchemy.exc import InterfaceError, OperationalError

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
        return verb(settings, args)
    except (StartFejl, SettingsFejl, KommandoFejl) as fejl:
        sys.stderr.write(f"fejl: {fejl}\n")
        return 2
    except (OperationalError, InterfaceError):
        sys.stderr.write(f"fejl: {SVARER_IKKE}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("afbrudt\n")
        return 2


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
