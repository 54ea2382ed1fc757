"""The verbs `nøgle …`: what keys there are, new ones, rotation, the recovery sheet, the passphrase."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from rådgivning.database import make_engine
from rådgivning.drift.ark import add_options, check_folder, hand_out
from rådgivning.drift.instance import SVARER_IKKE, open_instance, sqlite_file
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.progress import progress
from rådgivning.nøgler.context import Nøglekontekst, register_keys
from rådgivning.nøgler.errors import KeyMissing, NøgleFejl
from rådgivning.nøgler.keyring import Keyring
from rådgivning.nøgler.models import Nøglekontrol
from rådgivning.nøgler.passphrase import MINDST, is_locked, lock
from rådgivning.nøgler.recovery import ArkFejl, from_text, join
from rådgivning.nøgler.rotation import Nøgletal, check_keys, count_keys, rewrap
from rådgivning.nøgler.sources import (
    Kilde,
    find_source,
    passphrase_credential,
    read_keyring,
    replace_text,
    write_new,
)
from rådgivning.settings import Settings
from rådgivning.spor.models import Handling
from rådgivning.spor.trail import Aktør, skriv


def add_verbs(verbs: Any) -> None:
    """Add this file's verbs."""
    nøgle = group(verbs, "nøgle", "Nøgleringen: se, forny, kontrollér, skriv på papir.")
    add_verb(nøgle, "status", _status, "Vis nøglerne, hvor de læses fra, og hvad de bruges til.",
             "raadgivning nøgle status")  # fmt: skip
    ny = add_verb(nøgle, "ny", _ny, "Læg en ny nøgle i nøgleringen; den tages i brug med `nøgle rotér`.",
                  "raadgivning nøgle ny")  # fmt: skip
    ny.add_argument("--ud", type=Path, help="skriv den nye nøglering i en ny fil i stedet for i nøglefilen")
    add_verb(nøgle, "rotér", _rotér, "Pak alle personnøgler om til den nyeste nøgle, mens programmet kører.",
             "raadgivning nøgle rotér")  # fmt: skip
    add_verb(nøgle, "tjek", _tjek, "Kontrollér nøgleringen mod databasen, og åbn hver personnøgle.",
             "raadgivning nøgle tjek")  # fmt: skip
    ark = add_verb(nøgle, "ark", _ark, "Skriv gendannelsesarket ud, helt eller i tre dele.",
                   "raadgivning nøgle ark --dele --ark /media/nøgler")  # fmt: skip
    add_options(ark)
    gendan = add_verb(nøgle, "gendan", _gendan, "Lav nøglefilen igen ud fra gendannelsesarket.",
                      "raadgivning nøgle gendan < ark.txt", åbner=False)  # fmt: skip
    gendan.add_argument("--ud", type=Path, help="den nye nøglefil (standard: dér, hvor programmet læser den)")
    add_verb(nøgle, "lås", _lås, "Lås nøglefilen med en adgangssætning.", "raadgivning nøgle lås")
    add_verb(nøgle, "lås-op", _lås_op, "Fjern adgangssætningen fra nøglefilen.", "raadgivning nøgle lås-op")


def with_passphrase(settings: Settings, *, fra_stdin: bool = False) -> Settings:
    """The settings with the passphrase of a locked key file: from standard input when told so, else systemd's
    credential, else asked for in the terminal. Unchanged when there is no need, or nowhere to get it."""
    if settings.passphrase is not None or not has_locked_file(settings):
        return settings
    if fra_stdin:
        return replace(settings, passphrase=sys.stdin.readline().rstrip("\n"))
    try:
        given = passphrase_credential(settings)
    except NøgleFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    if given is None and sys.stdin.isatty():
        given = getpass.getpass("Adgangssætning til nøglefilen: ")
    return replace(settings, passphrase=given)


def has_locked_file(settings: Settings) -> bool:
    """Whether the keyring is read from a file that needs a passphrase, as far as this user can see."""
    path = find_source(settings).fil
    try:
        return path is not None and is_locked(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return False


def _status(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    known = _known(kontekst)
    counted = check_keys(kontekst.keystore.engine, kontekst.keyring)
    sys.stdout.write(f"Læses fra: {find_source(settings).navn}\n")
    for kid in sorted(kontekst.keyring.roots):
        used = "kendt af databasen" if kid in known else "ikke taget i brug"
        role, wrapped = _role(kontekst.keyring, kid), counted.efter_kid[kid]
        sys.stdout.write(f"nøgle {kid}: {role}, {used}, pakker {wrapped} personnøgler\n")
    kontekst.close()
    if max(kontekst.keyring.roots) != kontekst.keyring.primary:
        sys.stdout.write(
            "En ny nøgle venter: læg nøglefilen på alle maskiner, genstart enhederne, og kør: raadgivning nøgle rotér\n"
        )
    return _told(counted)


def _role(ring: Keyring, kid: int) -> str:
    return "primær" if kid == ring.primary else "ny" if kid > ring.primary else "ældre"


def _known(kontekst: Nøglekontekst) -> set[int]:
    with kontekst.session(Aktør()) as session:
        return {row.kid for row in session.exec(select(Nøglekontrol)).all()}


def _told(counted: Nøgletal) -> int:
    if counted.ubrugelige:
        sys.stdout.write(
            f"{counted.ubrugelige} personnøgler kan ikke åbnes: de er ændret eller beskadiget. "
            "Hent nøglelageret fra en sikkerhedskopi.\n"
        )
    return 1 if counted.ubrugelige else 0


def _ny(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    kontekst.close()
    if max(kontekst.keyring.roots) != kontekst.keyring.primary:
        raise KommandoFejl("Der er allerede en ny nøgle, der ikke er taget i brug. Kør: raadgivning nøgle rotér")
    ring = kontekst.keyring.with_new_root()
    where = _store(settings, ring, args.ud)
    sys.stdout.write(f"Nøgle {max(ring.roots)} er lagt i {where}. Den bruges ikke endnu.\n")
    sys.stdout.write(
        "1. Læg filen på alle maskiner.  2. Genstart de enheder, som systemd giver den (LoadCredential er en kopi fra\n"
        "enhedens start).  3. Kør: raadgivning nøgle rotér  4. Skriv et nyt ark: raadgivning nøgle ark\n"
    )
    return 0


def _store(settings: Settings, ring: Keyring, ud: Path | None = None) -> Path:
    """Put a keyring where the program reads it, or in a new file; locked as before."""
    source = find_source(settings)
    text = ring.to_text()
    if settings.passphrase is not None:
        text = lock(text, settings.passphrase)
    if ud is not None:
        try:
            write_new(ud, text)
        except OSError:
            raise KommandoFejl(f"{ud} findes allerede eller kan ikke skrives.") from None
        return ud
    if not source.skrivbar or source.fil is None:
        raise KommandoFejl(
            f"Nøgleringen kommer fra {source.navn} og kan ikke skrives dér. Brug: raadgivning nøgle ny --ud FIL"
        )
    try:
        replace_text(source.fil, text)
    except OSError:
        raise KommandoFejl(f"{source.fil} kan ikke skrives. Kør kommandoen som den bruger, der ejer filen.") from None
    return source.fil


def _rotér(settings: Settings, args: Namespace) -> int:
    """Known to the database first: from then on no host starts without the new root, and every host wraps the next key
    it makes with it. Then the others are wrapped anew. No key file is touched."""
    kontekst = open_instance(settings)
    ring = kontekst.keyring.newest_primary()
    with kontekst.session(Aktør()) as session:
        register_keys(session, ring)
        skriv(session, Handling.SYSTEM, "nøglekontrol", anledning="nøgle rotér", detaljer={"primær": ring.primary})
        session.commit()
    engine = kontekst.keystore.engine
    try:
        found = rewrap(engine, ring, progress("Pakker om", count_keys(engine)))
        checked = check_keys(engine, ring, progress("Kontrollerer", count_keys(engine)))
    except KeyMissing as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    finally:
        kontekst.close()
    old = checked.ældre_end(ring.primary)
    under = checked.efter_kid[ring.primary]
    sys.stdout.write(f"{found.ompakket} pakket om, {under} af {checked.antal} under nøgle {ring.primary}.\n")
    if old:
        sys.stdout.write(f"{old} kom til under en ældre nøgle imens. Kør igen.\n")
    sys.stdout.write("Behold de ældre nøgler: sikkerhedskopier og sporet er skrevet med dem.\n")
    return _told(checked) or (1 if old else 0)


def _tjek(settings: Settings, args: Namespace) -> int:
    kontekst = open_instance(settings)
    engine = kontekst.keystore.engine
    try:
        counted = check_keys(engine, kontekst.keyring, progress("Kontrollerer", count_keys(engine)))
    except NøgleFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    finally:
        kontekst.close()
    sys.stdout.write(f"Nøgleringen passer til databasen. {counted.antal - counted.ubrugelige} personnøgler åbnet.\n")
    old = counted.ældre_end(kontekst.keyring.primary)
    if old:
        sys.stdout.write(f"{old} er pakket med en ældre nøgle. Kør: raadgivning nøgle rotér\n")
    return _told(counted) or (1 if old else 0)


def _ark(settings: Settings, args: Namespace) -> int:
    check_folder(args.ark)
    kontekst = open_instance(settings)
    kontekst.close()
    hand_out(kontekst.keyring, dele=args.dele, mappe=args.ark)
    return 0


def _gendan(settings: Settings, args: Namespace) -> int:
    if sys.stdin.isatty():
        sys.stdout.write("Skriv linjerne fra arket, tre for hver nøgle. Slut med Ctrl-D.\n")
    try:
        ring = join(from_text(sys.stdin.read()))
    except ArkFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl
    fits = _fits(settings, ring)
    path = args.ud or settings.key_file
    try:
        write_new(path, ring.to_text())
    except OSError:
        raise KommandoFejl(f"{path} findes allerede eller kan ikke skrives; intet er ændret.") from None
    sys.stdout.write(f"Nøglefilen er skrevet: {path}. {fits}\n")
    return 0


def _fits(settings: Settings, ring: Keyring) -> str:
    """Compare with the database before anything is written, if there is one."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        return "Der er ingen database at sammenligne med."
    engine = make_engine(settings.database_url)
    try:
        with Session(engine) as session:
            ring.verify([(row.kid, row.kcv) for row in session.exec(select(Nøglekontrol)).all()])
    except NøgleFejl as fejl:
        raise KommandoFejl(f"{fejl} Intet er skrevet.") from fejl
    except SQLAlchemyError:
        raise KommandoFejl(f"{SVARER_IKKE} Intet er skrevet.") from None
    finally:
        engine.dispose()
    return "Den passer til databasen."


def _lås(settings: Settings, args: Namespace) -> int:
    path, ring = _own_file(settings)
    first = getpass.getpass("Ny adgangssætning: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    again = getpass.getpass("Samme igen: ") if sys.stdin.isatty() else first
    if first != again:
        raise KommandoFejl("De to adgangssætninger er ikke ens. Intet er ændret.")
    if len(first) < MINDST:
        raise KommandoFejl(f"En adgangssætning skal have mindst {MINDST} tegn; fire tilfældige ord er gode.")
    replace_text(path, lock(ring.to_text(), first))
    sys.stdout.write(
        f"{path} er låst. Serveren og alle andre kommandoer skal nu have sætningen. Læg den til systemd, og lav\n"
        "enhederne igen med raadgivning drift opsætning systemd: se »Keys« i docs/drift.md.\n"
    )
    return 0


def _lås_op(settings: Settings, args: Namespace) -> int:
    path, ring = _own_file(settings)
    replace_text(path, ring.to_text())
    sys.stdout.write(f"{path} er ikke længere låst.\n")
    return 0


def _own_file(settings: Settings) -> tuple[Path, Keyring]:
    source: Kilde = find_source(settings)
    if not source.skrivbar or source.fil is None:
        raise KommandoFejl(f"Nøgleringen kommer fra {source.navn}, ikke fra en fil, der kan ændres her.")
    try:
        return source.fil, read_keyring(source.fil, settings.instance, settings.passphrase)
    except NøgleFejl as fejl:
        raise KommandoFejl(str(fejl)) from fejl
