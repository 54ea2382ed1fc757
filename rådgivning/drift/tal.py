"""The verbs `statistik udgiv`, protected figures as a file, and `statistik angrib`, the attack on any such file."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from rådgivning.dansk import dato
from rådgivning.database import today
from rådgivning.drift.brugere import vælg_plan
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.progress import progress
from rådgivning.plan.plans import alle_planer
from rådgivning.rapporter.formater import FORMATER, RapportFejl, skriv_fil
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from rådgivning.statistik.attack import AngrebFejl
from rådgivning.statistik.audit import Finding, Verdict, audit
from rådgivning.statistik.foreign import UgyldigUdgivelse, læs_udgivelse
from rådgivning.statistik.knowledge import listed
from rådgivning.statistik.periods import UkendtPeriode, perioder
from rådgivning.statistik.release import IkkeBeskyttet, IkkeMulig, beskyttet, udgiv


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    statistik = group(verbs, "statistik", "Tal, som ingen kan findes i.")
    verb = add_verb(
        statistik, "udgiv", _udgiv, "Udgiv en periodes beskyttede tal.",
        "raadgivning statistik udgiv --periode 2026 --format pdf --ud årstal.pdf",
    )  # fmt: skip
    verb.add_argument("--periode", required=True, help="fx 2026, 2026-K1 eller planår-1")
    verb.add_argument("--format", default="json", choices=list(FORMATER), metavar="FORMAT", help=", ".join(FORMATER))
    verb.add_argument("--ud", type=Path, help="fil (uden: skriv til skærmen)")
    verb.add_argument("--plan", help="helhedsplanens nøgle (kan udelades, når der kun er én)")
    ready = add_verb(
        statistik, "gør-klar", _gør_klar, "Lav alle års beskyttede tal, så ingen skal vente på dem (fx hver nat).",
        "raadgivning statistik gør-klar",
    )  # fmt: skip
    ready.add_argument("--plan", help="kun denne helhedsplan (uden: dem alle)")
    attack = add_verb(
        statistik, "angrib", _angrib, "Prøv at regne små tal ud af udgivne tal (JSON), alle filerne under ét.",
        "raadgivning statistik angrib 2026.json 2026-K1.json", åbner=False,
    )  # fmt: skip
    attack.add_argument("filer", type=Path, nargs="+", help="udgivelser i JSON")
    attack.add_argument("--tærskel", type=int, default=5, choices=range(2, 101), metavar="N", help="små tal er under N")


def _angrib(_settings: Settings, args: Namespace) -> int:
    releases = []
    for path in args.filer:
        try:
            releases.append(læs_udgivelse(path.read_bytes()))
        except OSError:
            raise KommandoFejl(f"Filen {path} kan ikke læses.") from None
        except UgyldigUdgivelse as fejl:
            raise KommandoFejl(f"Filen {path} er ikke en udgivelse: {fejl}") from fejl
    try:
        result = audit(releases, threshold=args.tærskel, progress=_show_cells)
    except AngrebFejl as fejl:
        raise KommandoFejl("Tallene modsiger hinanden, så de kan ikke være rigtige. Er filerne rettet?") from fejl
    for finding in result.open:
        key = ", ".join(f"{name}={'+'.join(listed(value))}" for name, value in finding.key.items()) or "i alt"
        sys.stdout.write(f"{args.filer[finding.release]}: {finding.table}, {key}: {_span(finding)}\n")
    counts = ", ".join(f"{verdict} {number}" for verdict, number in result.summary().items())
    sys.stdout.write(f"{len(result.findings)} celler: {counts}\n")
    if not result.strict:
        sys.stdout.write("Nogle tal ligger længere fra de rigtige, end metoden plejer; dem er der regnet friere med.\n")
    found = f"{len(result.open)} celler røber noget; de værste står først. Tallene bør ikke udgives sådan."
    sys.stdout.write(f"{found if result.open else 'Ingen kan findes i tallene.'}\n")
    return 1 if result.open else 0


def _gør_klar(settings: Settings, args: Namespace) -> int:
    """Make what pages would else have to wait for, and close the months whose time has come."""
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        plans = [vælg_plan(session, args.plan)] if args.plan else alle_planer(session)
        chosen = [(plan.id, plan.nøgle, perioder(plan.fra, plan.til, today())) for plan in plans]
    failed = 0
    for plan_id, key, periods in chosen:
        for name in sorted(name for name in periods if name.isdigit()):
            with kontekst.session(Aktør(None, "system", plan_id)) as session:
                session.info["settings"] = settings
                try:
                    beskyttet(session, plan_id, name, frø=kontekst.rounding_key)
                    outcome = "klar"
                except IkkeMulig:
                    session.commit()  # what could be closed is closed
                    outcome = "venter på, at månederne lukkes"
                except IkkeBeskyttet:
                    outcome, failed = "kunne ikke beskyttes", failed + 1
            sys.stdout.write(f"{key} {name}: {outcome}\n")
    return 1 if failed else 0


def _show_cells(done: int, total: int) -> None:
    """How many of the cells are settled; the total is known only when the figures have been read."""
    progress("Celler angrebet", total)(done)


_ENDLESS = 10**9
_MEANS = {
    Verdict.EXACT: "kan regnes ud",
    Verdict.SMALL: "er et lille tal",
    Verdict.ZERO: "er skjult, men er 0",
    Verdict.NARROW: "ligger for tæt",
}


def _span(finding: Finding) -> str:
    """What can be worked out, in words."""
    span = f"præcis {finding.low}" if finding.low == finding.high else f"{finding.low}-{finding.high}"
    if finding.high >= _ENDLESS:
        span = f"mindst {finding.low}"
    means = "kan ikke vises at være sikkert" if not finding.proven else _MEANS[finding.verdict]
    who = ", set af en, der selv er med, om de andre" if finding.insider else ""
    return f"{span} ({finding.verdict}), {means}{who}"


def _not_yet(fejl: IkkeMulig) -> str:
    """Why a period has no figures under the method chosen."""
    if fejl.fra is None:
        return (
            "Perioden rækker over to år, hvis tal er beskyttet på hver sin måde. Vælg et kalenderår eller et kvartal."
        )
    return f"Årets tal laves først, når alle periodens måneder er lukket: tidligst den {dato(fejl.fra)}."


def _udgiv(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session:
        plan = vælg_plan(session, args.plan)
        aktør = Aktør(None, "system", plan.id)
        plan_id = plan.id
    with kontekst.session(aktør) as session:
        session.info["settings"] = settings
        try:
            release = udgiv(session, plan_id, args.periode, args.format, frø=kontekst.rounding_key)
        except UkendtPeriode as fejl:
            raise KommandoFejl(f"Perioden {args.periode} kendes ikke. Skriv fx 2026, 2026-K1 eller planår-1.") from fejl
        except IkkeMulig as fejl:
            raise KommandoFejl(_not_yet(fejl)) from None
        except IkkeBeskyttet as fejl:
            raise KommandoFejl(
                "Tallene kunne ikke beskyttes godt nok og er ikke udgivet. Vælg en længere periode."
            ) from fejl
        try:
            data = skriv_fil(session, release, args.format)
        except RapportFejl as fejl:
            raise KommandoFejl(str(fejl)) from None
        session.rollback()
    if args.ud is None:
        sys.stdout.buffer.write(data)
        return 0
    try:
        args.ud.write_bytes(data)
    except OSError:
        raise KommandoFejl(f"Filen {args.ud} kan ikke skrives.") from None
    sys.stderr.write(f"{args.ud}: {len(release.indhold['tables'])} tabeller, kontrolleret mod gætteri\n")
    return 0
