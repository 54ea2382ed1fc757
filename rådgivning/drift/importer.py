"""The verbs `import kontakter` and `import restancer`: spreadsheets as on their pages, with progress."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import ÅBNER, Rolle
from rådgivning.dansk import parse_dato
from rådgivning.database import på_tværs, today
from rådgivning.drift.instance import open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.progress import progress
from rådgivning.kontakter.importing import importér
from rådgivning.kontakter.sheet import FilFejl, læs_fil
from rådgivning.plan.lister import valg
from rådgivning.restancer import list_import
from rådgivning.restancer.list_mapping import KOLONNER, gæt, mangler
from rådgivning.restancer.list_review import gennemgå
from rådgivning.restancer.list_rows import Kontrolleret, Regler
from rådgivning.restancer.list_sheet import Ark, læs_ark
from rådgivning.restancer.models import Listefejl, Restanceliste
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    importen = group(verbs, "import", "Hent regneark ind.")
    kontakter = add_verb(
        importen, "kontakter", _kontakter, "Importér kontakter fra CSV eller XLSX; samme fil to gange fordobler ikke.",
        "raadgivning import kontakter kontakter.csv --bruger anna",
    )  # fmt: skip
    kontakter.add_argument("fil", type=Path, help="CSV (UTF-8 eller Windows-1252) eller XLSX")
    kontakter.add_argument("--bruger", help="beboerrådgiverens brugernavn (kan udelades, når der kun er én)")
    restancer = add_verb(
        importen, "restancer", _restancer, "Importér en restanceliste; samme liste igen ændrer intet.",
        "raadgivning import restancer november.xlsx --bruger inge --kolonne 'lejemål=Lej. nr.'",
    )  # fmt: skip
    restancer.add_argument("fil", type=Path, help="CSV (UTF-8 eller Windows-1252) eller XLSX")
    restancer.add_argument(
        "--bruger",
        help="afsenderens brugernavn: inkasso eller beboerrådgiver (kan udelades, når der kun er én inkasso)",
    )
    restancer.add_argument("--boligorganisation", help="nøgle, fx aab (inkasso har sin egen)")
    restancer.add_argument("--dato", type=parse_dato, help="hvilken dag listen er fra (standard i dag)")
    restancer.add_argument(
        "--ikke-hel", action="store_true", help="listen har ikke alle sager: foreslå ingen som betalt"
    )
    restancer.add_argument(
        "--kolonne", action="append", default=[], metavar="NAVN=OVERSKRIFT", help="hvad en kolonne hedder i arket"
    )


def _read(fil: Path) -> bytes:
    try:
        return fil.read_bytes()
    except OSError:
        raise KommandoFejl(f"Filen {fil} kan ikke læses.") from None


def _kontakter(settings: Settings, args: Namespace) -> int:
    try:
        rækker = læs_fil(args.fil.name, _read(args.fil))
    except FilFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session, på_tværs(session):
        aktør = _adviser(session, args.bruger)
    with kontekst.session(aktør) as session:
        resultat = importér(session, rækker, progress("Rækker", len(rækker.rækker)))
        session.commit()
    for afvist in resultat.fejl:
        sys.stdout.write(f"række {afvist.række}, {afvist.kolonne}: {afvist.grund}\n")
    sys.stdout.write(f"{resultat.linje}\n")
    return 1 if resultat.fejl else 0


def _adviser(session: Session, brugernavn: str | None) -> Aktør:
    query = select(Bruger).where(Bruger.rolle == Rolle.BEBOERRÅDGIVER, col(Bruger.spærret).is_(None))
    if brugernavn is not None:
        query = query.where(Bruger.brugernavn == brugernavn)
    found = session.exec(query).all()
    if len(found) != 1:
        raise KommandoFejl("Vælg den beboerrådgiver, kontakterne hører til, med --bruger. Se: raadgivning bruger liste")
    bruger = found[0]
    return Aktør(bruger.id, bruger.rolle, bruger.helhedsplan_id, ÅBNER[Rolle.BEBOERRÅDGIVER])


def _restancer(settings: Settings, args: Namespace) -> int:
    data = _read(args.fil)
    try:
        ark = læs_ark(args.fil.name, data)
    except FilFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    if args.dato and args.dato > today():
        raise KommandoFejl("--dato ligger i fremtiden: lister fra dagene før den ville ingenting ændre.")
    kontekst = open_instance(settings)
    with kontekst.session(Aktør()) as session, på_tværs(session):
        aktør = _sender(session, args.bruger)
    with kontekst.session(aktør) as session:
        organisation = _organisation(session, aktør, args.boligorganisation)
        kolonner = _columns(session, ark, organisation, args.kolonne)
        kontrolleret = _checked(session, ark, organisation, kolonner)
        liste, afviste = _begin(session, kontrolleret, organisation, data, args, kolonner)
        list_import.fortsæt(session, liste.id, progress("Rækker", liste.i_alt))
        session.refresh(liste)
        linje = liste.linje
        session.commit()
    for afvist in afviste:
        sys.stdout.write(f"række {afvist.række}, {afvist.kolonne}: {afvist.grund}\n")
    sys.stdout.write(f"{linje}\n")
    return 1 if afviste else 0


def _sender(session: Session, brugernavn: str | None) -> Aktør:
    senders = (Rolle.INKASSO, Rolle.BEBOERRÅDGIVER) if brugernavn else (Rolle.INKASSO,)
    query = select(Bruger).where(col(Bruger.rolle).in_(senders), col(Bruger.spærret).is_(None))
    found = session.exec(query.where(Bruger.brugernavn == brugernavn) if brugernavn else query).all()
    if len(found) != 1:
        raise KommandoFejl("Vælg afsenderen (inkasso eller beboerrådgiver) med --bruger. Se: raadgivning bruger liste")
    bruger = found[0]
    rolle = Rolle(bruger.rolle)
    return Aktør(bruger.id, rolle, bruger.helhedsplan_id, ÅBNER[rolle], bruger.boligorganisation)


def _organisation(session: Session, aktør: Aktør, wanted: str | None) -> str:
    """The sender's own; the beboerrådgiver works for all of them and says which."""
    assert aktør.helhedsplan_id is not None  # noqa: S101 - every user has one
    if aktør.rolle == Rolle.INKASSO:
        if wanted not in (None, aktør.boligorganisation) or not aktør.boligorganisation:
            raise KommandoFejl("Brugeren hører til en anden boligorganisation.")
        return aktør.boligorganisation
    known = [key for key, _label in valg(session, aktør.helhedsplan_id, "boligorganisation")]
    if wanted not in known:
        raise KommandoFejl(f"Vælg boligorganisationen med --boligorganisation: {', '.join(known)}.")
    return wanted


def _columns(session: Session, ark: Ark, organisation: str, given: Sequence[str]) -> dict[str, str]:
    """The mapping: what is given, then what this sender used last time, then the usual names."""
    named = dict(text.partition("=")[::2] for text in given)
    for column, heading in named.items():
        if column not in KOLONNER or heading not in ark.overskrifter:
            raise KommandoFejl(
                f"--kolonne skal være KOLONNE=OVERSKRIFT, hvor kolonnen er en af: {', '.join(KOLONNER)}."
            )
    found = gæt(ark.overskrifter, list_import.husket(session, organisation) | named)
    missing = [f"{column}: {besked}" for column, besked in mangler(found)]
    session.commit()
    if missing:
        raise KommandoFejl(f"{missing[0]} Brug fx --kolonne '{mangler(found)[0][0]}=Overskriften i arket'.")
    return found


def _checked(session: Session, ark: Ark, organisation: str, kolonner: dict[str, str]) -> Kontrolleret:
    regler = Regler(session, organisation)
    session.commit()
    return regler.kontrollér(ark, kolonner)


def _begin(
    session: Session,
    kontrolleret: Kontrolleret,
    organisation: str,
    data: bytes,
    args: Namespace,
    kolonner: dict[str, str],
) -> tuple[Restanceliste, list[Listefejl]]:
    """Begin the import; a row that somebody must decide about is refused here, where nobody can be asked."""
    mærke = list_import.mærke(session, data)
    before = list_import.samme_fil(session, mærke, organisation)
    dag = args.dato or (before.dato if before else today())
    found = gennemgå(session, kontrolleret, organisation, dag, hel=not args.ikke_hel, svar={})
    liste = list_import.begynd(
        session,
        found,
        boligorganisation=organisation,
        dag=dag,
        fil=mærke,
        filnavn=args.fil.name,
        kolonner=kolonner,
    )
    session.commit()
    return liste, found.fejl
