"""Opening an instance: right version, right key; nothing is written before both are known."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, exists, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from rådgivning.database import make_engine, se_alle
from rådgivning.drift.accounts import give_access, too_much
from rådgivning.drift.schema import SkemaFejl, all_tables, check_schema, current_revision, upgrade
from rådgivning.nøgler.context import Nøglekontekst, context_of, open_keys, register_keys
from rådgivning.nøgler.errors import KeyWrong, NøgleFejl
from rådgivning.nøgler.keyring import Keyring, new_keyring
from rådgivning.nøgler.keystore import check_store, personnøgle
from rådgivning.nøgler.keystore import metadata as key_tables
from rådgivning.nøgler.models import Nøglekontrol
from rådgivning.nøgler.sources import write_new
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør

SVARER_IKKE: Final = "Databasen svarer ikke. Se RAADGIVNING_DATABASE_URL og RAADGIVNING_KEYSTORE_URL, og prøv igen."
_RETTIGHEDER: Final = "Programmets databasebruger mangler rettigheder. Kør: raadgivning database opgrader"
_HENT: Final = "hent den fra en sikkerhedskopi"
_TOMT_LAGER: Final = (
    "Nøglelageret er tomt, men databasen har kuverter, der skal åbnes med nøgler derfra. "
    "Ret RAADGIVNING_KEYSTORE_URL, eller hent det fra en sikkerhedskopi."
)
_BRUGERE: Final = "Databasen svarer ikke, eller dens brugere må ikke det, de skal. Se Databasebrugere i docs/drift.md."


class StartFejl(Exception):
    """The program cannot start; one Danish sentence says what to do."""


def open_instance(settings: Settings, ring: Keyring | None = None) -> Nøglekontekst:
    """The key context of an existing instance; raises StartFejl with the reason and the remedy. `ring`: one that is in
    memory already, where none may be written."""
    must_exist(settings)
    engine = make_engine(settings.database_url)
    try:
        check_schema(engine)
        must_have_keys(settings.keystore_url)
        must_fit(settings)
        return open_keys(settings, engine, ring)
    except (NøgleFejl, SkemaFejl, StartFejl) as fejl:
        engine.dispose()
        raise StartFejl(str(fejl)) from fejl
    except SQLAlchemyError as fejl:
        engine.dispose()
        refused = isinstance(getattr(fejl, "orig", None), InsufficientPrivilege)
        raise StartFejl(_RETTIGHEDER if refused else SVARER_IKKE) from fejl


def must_exist(settings: Settings) -> None:
    """Raises StartFejl where there is no SQLite file: opening it would make an empty one."""
    for navn, what, url, råd in (
        ("RAADGIVNING_DATABASE_URL", "database", settings.database_url, "kør: raadgivning opret"),
        ("RAADGIVNING_OPGRADER_DATABASE_URL", "database", settings.ejer_database_url, "kør: raadgivning opret"),
        ("RAADGIVNING_KEYSTORE_URL", "nøglebase", settings.keystore_url, _HENT),
        ("RAADGIVNING_OPGRADER_KEYSTORE_URL", "nøglebase", settings.ejer_keystore_url, _HENT),
    ):
        file = sqlite_file(url)
        if file is not None and not file.is_file():
            place = f"hvor {navn} siger" if settings.environ.get(navn) else f"i {settings.instance}"
            raise StartFejl(f"Der er ingen {what}, {place}. Ret adressen, eller {råd}.")


def must_have_keys(keystore_url: str) -> None:
    """Raises StartFejl where a key store has no table: another database than this instance's. Raises SQLAlchemyError.

    Asked after `must_exist`, of an account that has been given its rights.
    """
    engine = make_engine(keystore_url, immediate=False)
    try:
        if not inspect(engine).has_table(personnøgle.name):
            raise StartFejl(f"Der er ingen nøgler, hvor RAADGIVNING_KEYSTORE_URL siger. Ret adressen, eller {_HENT}.")
    finally:
        engine.dispose()


def must_fit(settings: Settings) -> None:
    """Raises KeyWrong where the key store holds no key at all and the data hold what needs one, and SQLAlchemyError.

    That the keys which are there are of the right keyring, `check_store` looks after.
    """
    key_engine, engine = make_engine(settings.keystore_url, immediate=False), make_engine(settings.database_url)
    try:
        with key_engine.connect() as keys:
            if keys.execute(select(personnøgle.c.person_id).limit(1)).first() is not None:
                return
        with engine.connect() as connection:
            need_none(connection)
    finally:
        engine.dispose()
        key_engine.dispose()


def need_none(connection: Connection) -> None:
    """Raises KeyWrong where there are residents or contacts. Other rows may outlive their keys; these never do, unless
    they are about somebody erased."""
    se_alle(connection)
    tables = all_tables().tables
    erased, kontakt = tables["sletning"].c.person_id, tables["kontakt"].c
    for whose in ((tables["beboer"].c.id,), (kontakt.id, kontakt.beboer_id)):
        if connection.execute(select(whose[0]).where(~exists().where(erased.in_(whose))).limit(1)).first() is not None:
            raise KeyWrong(_TOMT_LAGER)


def sqlite_file(url: str) -> Path | None:
    """Where SQLite keeps a database; None for another kind."""
    return Path(make_url(url).database or ".") if url.startswith("sqlite") else None


def create_instance(settings: Settings) -> Nøglekontekst:
    """A new instance: key file, key store, tables, check values. Raises StartFejl when one is already there."""
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring = new_keyring()
    try:
        write_new(settings.key_file, keyring.to_text())
    except FileExistsError:
        raise StartFejl(f"Der ligger allerede en nøglefil på {settings.key_file}; intet er ændret.") from None
    kontekst = None
    try:
        bring_up_to_date(settings)
        kontekst = _with_keys(settings, keyring)
    except NøgleFejl as fejl:
        raise StartFejl(str(fejl)) from fejl
    except SQLAlchemyError as fejl:
        raise StartFejl(_BRUGERE) from fejl
    finally:
        if kontekst is None:
            settings.key_file.unlink()  # nothing is sealed with it, and `opret` is run again
    return kontekst


def _with_keys(settings: Settings, keyring: Keyring) -> Nøglekontekst:
    """The context of a new keyring, once its check values are written, in a key store that holds no others' keys.

    Raises StartFejl, NøgleFejl or SQLAlchemyError.
    """
    engine, key_engine = make_engine(settings.database_url), make_engine(settings.keystore_url, immediate=False)
    try:
        with key_engine.connect() as keys:
            check_store(keys, keyring)
        kontekst = context_of(keyring, engine, key_engine)
        with kontekst.session(Aktør()) as session:
            if session.exec(select(Nøglekontrol)).first() is not None:
                raise StartFejl("Databasen hører til en anden nøglefil. Find den, eller vælg en tom database.")
            register_keys(session, keyring)
            session.commit()
    except BaseException:
        engine.dispose()
        key_engine.dispose()
        raise
    return kontekst


def upgrade_existing(settings: Settings) -> str:
    """The same as `bring_up_to_date`, for a database that is there: an address that was mistyped makes none.

    Raises StartFejl.
    """
    must_exist(settings)
    owner = make_engine(settings.ejer_database_url)
    try:
        revision = current_revision(owner)
    except SQLAlchemyError as fejl:
        raise StartFejl(_BRUGERE) from fejl
    finally:
        owner.dispose()
    if revision is None:
        raise StartFejl("Databasen er tom. Se, om dens adresse er rigtig; en ny instans laves med: raadgivning opret")
    try:
        must_have_keys(settings.ejer_keystore_url)
    except SQLAlchemyError as fejl:
        raise StartFejl(_BRUGERE) from fejl
    return bring_up_to_date(settings)


def bring_up_to_date(settings: Settings) -> str:
    """Both databases as this code wants them, made so by the accounts that own them; the revision they are at.

    Raises StartFejl.
    """
    owner, key_owner = make_engine(settings.ejer_database_url), make_engine(settings.ejer_keystore_url, immediate=False)
    try:
        upgrade(owner)
        key_tables.create_all(key_owner)
        give_accounts(settings)
        return current_revision(owner) or ""
    except SkemaFejl as fejl:
        raise StartFejl(str(fejl)) from fejl
    except SQLAlchemyError as fejl:
        raise StartFejl(_BRUGERE) from fejl
    finally:
        owner.dispose()
        key_owner.dispose()


def give_accounts(settings: Settings) -> None:
    """Let the program's accounts use both databases, whose tables are there by now; with one account, nothing."""
    give_access(settings.ejer_database_url, settings.database_url, [*all_tables().tables, "alembic_version"])
    give_access(settings.ejer_keystore_url, settings.keystore_url, key_tables.tables)


def check_accounts(settings: Settings, kontekst: Nøglekontekst) -> list[str]:
    """One line for each database whose account may do more than the program needs.

    Raises StartFejl when there are accounts for upgrades, and the program runs with such a one all the same.
    """
    found = []
    for engine, navn, own in (
        (kontekst.engine, "RAADGIVNING_DATABASE_URL", settings.opgrader_database_url),
        (kontekst.keystore.engine, "RAADGIVNING_KEYSTORE_URL", settings.opgrader_keystore_url),
    ):
        much = too_much(engine)
        if much and own:
            raise StartFejl(f"Brugeren i {navn} {much}. Den skal kun bruge dem: se Databasebrugere i docs/drift.md.")
        if much:
            found.append(f"bemærk: brugeren i {navn} {much}. Se Databasebrugere i docs/drift.md.")
    return found
