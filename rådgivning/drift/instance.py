"""Opening an instance: right version, right key; nothing is written before both are known."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from rådgivning.database import make_engine
from rådgivning.drift.schema import SkemaFejl, check_schema, upgrade
from rådgivning.nøgler.context import Nøglekontekst, context_of, open_keys, register_keys
from rådgivning.nøgler.errors import NøgleFejl
from rådgivning.nøgler.keyring import new_keyring
from rådgivning.nøgler.sources import write_new
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør


class StartFejl(Exception):
    """The program cannot start; one Danish sentence says what to do."""


def open_instance(settings: Settings) -> Nøglekontekst:
    """The key context of an existing instance; raises StartFejl with the reason and the remedy."""
    sqlite = settings.database_url.startswith("sqlite")
    if (
        sqlite
        and not (settings.instance / "raadgivning.db").exists()
        and "RAADGIVNING_DATABASE_URL" not in settings.environ
    ):
        raise StartFejl(f"Der er ingen database i {settings.instance}. Kør: raadgivning opret")
    engine = make_engine(settings.database_url)
    try:
        check_schema(engine)
        return open_keys(settings, engine)
    except (NøgleFejl, SkemaFejl) as fejl:
        engine.dispose()
        raise StartFejl(str(fejl)) from fejl
    except SQLAlchemyError as fejl:
        engine.dispose()
        raise StartFejl("Databasen svarer ikke. Se RAADGIVNING_DATABASE_URL, og prøv igen.") from fejl


def create_instance(settings: Settings) -> Nøglekontekst:
    """A new instance: key file, key store, tables, check values. Raises StartFejl when one is already there."""
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring = new_keyring()
    try:
        write_new(settings.key_file, keyring.to_text())
    except FileExistsError:
        raise StartFejl(f"Der ligger allerede en nøglefil på {settings.key_file}; intet er ændret.") from None
    engine = make_engine(settings.database_url)
    upgrade(engine)
    kontekst = context_of(keyring, engine, make_engine(settings.keystore_url, immediate=False))
    with kontekst.session(Aktør()) as session:
        register_keys(session, keyring)
        session.commit()
    return kontekst
