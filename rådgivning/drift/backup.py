"""The verbs `backup …`: a backup key, taking, restoring, and the drill that does both."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from pyrage import x25519
from sqlalchemy.exc import SQLAlchemyError

from rådgivning.dansk import tidspunkt
from rådgivning.drift.after_restore import GLEMT
from rådgivning.drift.archive import ArkivFejl, identities, recipients
from rådgivning.drift.drill import drill
from rådgivning.drift.folders import ØVELSE, working_folder
from rådgivning.drift.instance import StartFejl, open_instance
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.restoring import expire, promised, restore, take
from rådgivning.drift.snapshots import DATA, NØGLER, is_empty
from rådgivning.nøgler.errors import NøgleFejl
from rådgivning.settings import MEST_NØGLEDAGE, Settings, databaseadresse
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Aktør, skriv


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    backup = group(verbs, "backup", "Sikkerhedskopier: tag, gendan, øv.")
    add_verb(backup, "nøgle", _nøgle, "Lav en backupnøgle; den hemmelige del skal ikke blive her.",
             "raadgivning backup nøgle", åbner=False)  # fmt: skip
    tag = add_verb(backup, "tag", _tag, "Tag en sikkerhedskopi, mens programmet kører; data og nøgler hver for sig.",
                   "raadgivning backup tag --til /backup/data --nøgler-til /andet/sted", åbner=False)  # fmt: skip
    tag.add_argument("--til", type=Path, help="mappe til data (ellers RAADGIVNING_BACKUP_MAPPE)")
    tag.add_argument("--nøgler-til", type=Path, help="en anden mappe til nøgler (ellers RAADGIVNING_BACKUP_KEY_MAPPE)")
    tag.add_argument(
        "--behold-dage", type=int, help="slet datakopier, der er ældre (ellers RAADGIVNING_BACKUP_DAGE, 90)"
    )
    tag.add_argument(
        "--behold-nøgledage", type=int, help="det samme for nøgler (ellers RAADGIVNING_BACKUP_KEY_DAGE, 30)"
    )
    gendan = add_verb(backup, "gendan", _gendan, "Gendan en sikkerhedskopi i en tom instans.",
                      "raadgivning backup gendan --data D.age --nøgler N.age --identitet nøgle.txt")  # fmt: skip
    gendan.add_argument("--data", type=Path, required=True, help="kopien af data")
    gendan.add_argument("--nøgler", type=Path, help="kopien af nøglelageret (udelades, når nøglelageret er der endnu)")
    gendan.add_argument("--identitet", type=Path, required=True, help="fil med den hemmelige backupnøgle")
    gendan.add_argument("--slettet-i", type=Path, nargs="*", default=[], metavar="FIL",
                        help="nyere datakopier, hvis sletninger også skal gælde")  # fmt: skip
    øvelse = add_verb(backup, "øvelse", _øvelse, "Tag en kopi, gendan den et tomt sted, og prøv det, der skal gå galt.",
                      "raadgivning backup øvelse")  # fmt: skip
    øvelse.add_argument(
        "--database-url", help="en tom PostgreSQL-database at øve i (standard: SQLite i en midlertidig mappe)"
    )


def _nøgle(settings: Settings, args: Namespace) -> int:
    identity = x25519.Identity.generate()
    sys.stdout.write(
        f"Offentlig: {identity.to_public()}\nHemmelig:  {identity}\n"
        "Sæt RAADGIVNING_BACKUP_MODTAGER til den offentlige. Gem den hemmelige et andet sted, fx ved\n"
        "gendannelsesarket: uden den kan ingen sikkerhedskopi læses, og med den alene kan ingen kuvert åbnes.\n"
    )
    return 0


def _folder(settings: Settings, given: Path | None, name: str) -> Path:
    found = given or (Path(settings.environ[name]) if settings.environ.get(name) else None)
    if found is None:
        raise KommandoFejl(f"Sæt {name}, eller sig, hvor kopien skal ligge. Se: raadgivning backup tag --help")
    return found.resolve()


def _tag(settings: Settings, args: Namespace) -> int:
    data = _folder(settings, args.til, "RAADGIVNING_BACKUP_MAPPE")
    keys = _folder(settings, args.nøgler_til, "RAADGIVNING_BACKUP_KEY_MAPPE")
    if data == keys or data in keys.parents or keys in data.parents:
        raise KommandoFejl(
            "Data og nøgler skal i hver sin mappe: den, der får begge, skal kun have ét sted at lede mindre."
        )
    most = settings.kopidage
    dage = most.data if args.behold_dage is None else args.behold_dage
    nøgledage = most.nøgler if args.behold_nøgledage is None else args.behold_nøgledage
    wrong = (
        f"Nøgler beholdes 1-{most.nøgler} dage og data 1-{most.data}: så meget lover kvitteringerne for sletning."
        f" Sæt ellers RAADGIVNING_BACKUP_KEY_DAGE (højst {MEST_NØGLEDAGE}) og RAADGIVNING_BACKUP_DAGE."
    )
    if dage < 1 or nøgledage < 1:
        raise KommandoFejl(wrong)
    try:
        til = recipients(settings.environ.get("RAADGIVNING_BACKUP_MODTAGER", ""))
        for path, indhold in take(settings, til, data, keys):
            size = f"{path.stat().st_size / 1e6:.1f}".replace(".", ",")
            rows = f"{sum(indhold.rækker.values()):,}".replace(",", ".")
            sys.stdout.write(f"{path}  {rows} rækker, {size} MB, læst tilbage og kontrolleret\n")
        før = promised(settings)
    except ArkivFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    gone = [*expire(data, DATA, min(dage, most.data)), *expire(keys, NØGLER, min(nøgledage, most.nøgler), før)]
    sys.stdout.write(f"{len(gone)} ældre kopier slettet\n" if gone else "")
    if dage > most.data or nøgledage > most.nøgler:  # a copy is worth more than an option that an upgrade forbade
        sys.stderr.write(f"fejl: {wrong} Kopierne er taget.\n")
        return 1
    return 0


def _gendan(settings: Settings, args: Namespace) -> int:
    try:
        med = identities(args.identitet)
        done = restore(settings, med, args.data, args.nøgler, args.slettet_i)
        kontekst = open_instance(settings)
    except (ArkivFejl, NøgleFejl, StartFejl) as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    with kontekst.session(Aktør()) as session:
        skriv(session, Handling.SYSTEM, "bruger", anledning="gendannet fra kopi, alle logget ud")
        session.commit()
    kontekst.close()
    sys.stdout.write(f"Gendannet i {settings.instance}. {done.gentaget} sletninger efter kopien er gentaget.\n")
    sys.stdout.write(GLEMT.format(taget=tidspunkt(done.taget)))
    if done.uden_nøgle:
        sys.stderr.write(
            f"fejl: Beboere uden nøgle i kopien af nøgler: {done.uden_nøgle}. De kan ikke læses, for den er ældre end\n"
            "kopien af data. Gendan igen et tomt sted med en kopi af nøgler, der er taget samtidig eller senere.\n"
        )
    return 1 if done.uden_nøgle else 0


def _must_be_empty(url: str) -> None:
    try:
        empty = is_empty(url, DATA) and is_empty(url, NØGLER)
    except SQLAlchemyError:
        raise KommandoFejl("Databasen til øvelsen svarer ikke. Se --database-url.") from None
    if not empty:
        raise KommandoFejl("Databasen til øvelsen er ikke tom. Giv den en tom.")


def _øvelse(settings: Settings, args: Namespace) -> int:
    """Everything that must work and everything that must be refused, in a folder that is gone afterwards."""
    url = args.database_url
    if not settings.database_url.startswith("sqlite") and url is None:
        raise KommandoFejl("Øvelsen skal have en tom PostgreSQL-database: --database-url postgresql://…")
    if url is not None:
        _must_be_empty(databaseadresse("--database-url", url))
    try:
        with working_folder(settings.instance, ØVELSE) as folder:
            results = drill(settings, folder, url)
    except (ArkivFejl, NøgleFejl) as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    for said, passed in results:
        sys.stdout.write(f"{'ok  ' if passed else 'FEJL'}  {said}\n")
    return 0 if all(passed for _said, passed in results) else 1
