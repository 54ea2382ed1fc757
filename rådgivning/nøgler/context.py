"""What a Session needs to seal, open and trace: made once at start, handed to every Session."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, Engine
from sqlmodel import Session, select

from rådgivning.database import empty_wal, make_engine
from rådgivning.nøgler.keyring import Keyring
from rådgivning.nøgler.keystore import KeyStore, check_store
from rådgivning.nøgler.mirrors import Billedregister, prepare_mirrors
from rådgivning.nøgler.models import Nøglekontrol
from rådgivning.nøgler.restriction import prepare_restriction
from rådgivning.nøgler.search import IndexRegister
from rådgivning.nøgler.shredding import finish_destruction, prepare_shredding
from rådgivning.nøgler.sources import Kilde, find_source
from rådgivning.settings import Kopidage, Settings
from rådgivning.spor.trail import Aktør, prepare


@dataclass(frozen=True)
class Nøglekontekst:
    """The key material of one running program and the engines it belongs to."""

    engine: Engine
    keyring: Keyring
    keystore: KeyStore
    audit_key: bytes
    statistics_key: bytes
    rounding_key: bytes
    cookie_key: bytes
    factor_key: bytes
    register: IndexRegister
    billeder: Billedregister
    kopidage: Kopidage = field(default_factory=Kopidage)

    def close(self) -> None:
        """Let go of both databases' connections."""
        self.engine.dispose()
        self.keystore.engine.dispose()

    def empty_logs(self) -> None:
        """Leave nothing in SQLite's logs: which rows were written together, and keys that are destroyed."""
        for engine in (self.engine, self.keystore.engine):
            empty_wal(engine)

    def session(self, aktør: Aktør, på: Connection | None = None) -> Session:
        """A Session that can seal, open and trace as `aktør`; on a connection, in the caller's transaction."""
        session = Session(self.engine) if på is None else Session(på, join_transaction_mode="rollback_only")
        prepare(session, self.audit_key, aktør)
        prepare_shredding(session, self.keystore)
        session.info["statistics_key"] = self.statistics_key
        session.info["factor_key"] = self.factor_key
        session.info["register"] = self.register
        session.info["kopidage"] = self.kopidage
        prepare_mirrors(session, self.billeder)
        prepare_restriction(session)
        return session


def open_keys(settings: Settings, engine: Engine, ring: Keyring | None = None) -> Nøglekontekst:
    """Read the keyring and compare it with both databases before anything is written. `ring`: one that is in memory
    already, and is read from nowhere.

    Raises KeyMissing or KeyWrong. The databases must have their tables.
    """
    source = None
    if ring is None:
        source = find_source(settings)
        ring = source.læs()
    with Session(engine) as session:
        known = [(row.kid, row.kcv) for row in session.exec(select(Nøglekontrol)).all()]
    ring.verify(known)
    key_engine = make_engine(settings.keystore_url, immediate=False)
    try:
        with key_engine.connect() as connection:
            met = check_store(connection, ring)
    except BaseException:
        key_engine.dispose()
        raise
    keyring = ring.used_by([*(kid for kid, _kcv in known), *([met] if met else [])])
    kontekst = context_of(keyring, engine, key_engine, source)
    with Session(engine) as session:
        finish_destruction(session, kontekst.keystore)
    return replace(kontekst, kopidage=settings.kopidage)


def context_of(keyring: Keyring, engine: Engine, keystore_engine: Engine, source: Kilde | None = None) -> Nøglekontekst:
    """The context of a keyring that is already checked. `source`: where it came from, to be asked again."""
    return Nøglekontekst(
        engine=engine,
        keyring=keyring,
        keystore=KeyStore(keystore_engine, keyring, source),
        audit_key=keyring.purpose_key("audit"),
        statistics_key=keyring.purpose_key("statistics"),
        rounding_key=keyring.purpose_key("rounding"),
        cookie_key=keyring.purpose_key("cookie"),
        factor_key=keyring.purpose_key("faktor"),
        register=IndexRegister(),
        billeder=Billedregister(),
    )


def register_keys(session: Session, keyring: Keyring) -> None:
    """Write the check values of a new keyring (a new instance, a rotation)."""
    known = {row.kid for row in session.exec(select(Nøglekontrol)).all()}
    for kid, kcv in keyring.check_values().items():
        if kid not in known:
            session.add(Nøglekontrol(kid=kid, kcv=kcv))
