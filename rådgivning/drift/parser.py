"""argparse that speaks Danish: headings, --help and every error."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any, NoReturn

_FEJL = (
    (r"the following arguments are required: (.+)", r"der mangler: \1"),
    (r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)", r"\1: \2 kendes ikke; vælg mellem \3"),
    (r"argument (.+?): expected one argument", r"\1 skal have en værdi"),
    (r"argument (.+?): expected at least one argument", r"\1 skal have mindst én værdi"),
    (r"argument (.+?): invalid \S+ value: (.+)", r"\1: \2 kan ikke bruges"),
    (r"argument (.+?): not allowed with argument (.+)", r"\1 kan ikke bruges sammen med \2"),
    (r"unrecognized arguments: (.+)", r"ukendt: \1"),
)


class KommandoFejl(Exception):
    """A verb cannot do what it was asked; one Danish line that says what to do, exit code 2."""


class DanskHjælp(argparse.RawDescriptionHelpFormatter):
    """Help whose usage line begins with a Danish word."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Replace argparse's English prefix."""
        super().add_usage(usage, actions, groups, "brug: " if prefix is None else prefix)


class DanskParser(argparse.ArgumentParser):
    """A parser whose help and errors are Danish; `eksempel` is shown last in the help."""

    def __init__(self, *args: Any, eksempel: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", DanskHjælp)
        if eksempel:
            kwargs["epilog"] = f"eksempel:\n  {eksempel}"
        kwargs |= {"add_help": False, "allow_abbrev": False}
        super().__init__(*args, **kwargs)
        self._positionals.title = "angiv"
        self._optionals.title = "valg"
        self.add_argument("-h", "--help", "--hjælp", action="help", help="vis denne hjælp")

    def error(self, message: str) -> NoReturn:
        """One Danish line that says what to do, and exit code 2."""
        for engelsk, dansk in _FEJL:
            if re.fullmatch(engelsk, message):
                message = re.sub(engelsk, dansk, message)
                break
        sys.stderr.write(f"fejl: {message}. Se: {self.prog} --help\n")
        raise SystemExit(2)


def group(verbs: Any, name: str, help_text: str) -> Any:
    """A verb with verbs of its own, as `bruger opret`."""
    parser = verbs.add_parser(name, help=help_text, description=help_text)
    return parser.add_subparsers(required=True, metavar="handling", parser_class=DanskParser, title="handlinger")


def add_verb(verbs: Any, name: str, run: Any, help_text: str, eksempel: str, *, åbner: bool = True) -> DanskParser:
    """One verb; `run(settings, args)` returns the exit code. One that `åbner` the instance is given the passphrase of a
    locked key file."""
    parser: DanskParser = verbs.add_parser(name, help=help_text, description=help_text, eksempel=eksempel)
    parser.set_defaults(verb=run, åbner=åbner)
    if åbner:
        parser.add_argument(
            "--sætning-fra-stdin", action="store_true", help="læs en låst nøglefils adgangssætning fra standard ind"
        )
    return parser
