"""What runs around the program: database and its account, the night's work, backups, the trail, scanner, libraries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from rådgivning.database import now
from rådgivning.databeskyttelse.retention_preview import sidste_kørsel
from rådgivning.drift.accounts import SUPERBRUGER, too_much
from rådgivning.drift.fund import Fund, advarsel, fejl, ok
from rådgivning.drift.snapshots import DATA, NØGLER
from rådgivning.drift.steder import database
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.plan.plans import alle_planer
from rådgivning.settings import Settings
from rådgivning.spor.models import Spor
from rådgivning.spor.stream import uden_poster, ældste_usendte
from rådgivning.spor.trail import SYSTEM, Aktør
from rådgivning.udgang import UdgangLukket
from rådgivning.virus import VirusFejl, læs_skanner

EFTERSET: Final = "sporet efterset"
STEMPEL: Final = Path(__file__).resolve().parents[2] / ".venv" / ".svagheder-set"
_A_NIGHT: Final = timedelta(hours=26)
_THREE: Final = timedelta(days=3)
_A_WEEK: Final = timedelta(days=8)


def tjek_kørende(settings: Settings, kontekst: Nøglekontekst) -> Iterator[Fund]:
    """Everything that wants the open instance."""
    with kontekst.session(Aktør()) as session:
        yield from connection(session, settings)
        for plan in alle_planer(session):
            last = sidste_kørsel(session, plan.id)
            yield _since("slettefrister", plan.nøgle, last, _A_NIGHT, "»databeskyttelse slet-udløbne«")
        checked = select(Spor.tidspunkt).where(Spor.kæde == SYSTEM, Spor.anledning == EFTERSET)
        last = session.exec(checked.order_by(col(Spor.nr).desc()).limit(1)).first()
        yield _since("spor", "efterset", last, _A_NIGHT, "»spor tjek«")
        yield _stream(session, settings)
        session.rollback()
    for emne, engine in (("databasens bruger", kontekst.engine), ("nøglelagerets bruger", kontekst.keystore.engine)):
        if engine.dialect.name == "postgresql":
            yield account(emne, engine)
    yield from _backups(settings)
    yield _scanner(settings)


def _since(emne: str, hvad: str, last: datetime | None, often: timedelta, verb: str) -> Fund:
    """How long ago something that runs every so often ran."""
    if last is None:
        return fejl(emne, f"{hvad}: aldrig. Lad {verb} køre hver nat; se docs/drift.md.")
    age = now() - last
    said = f"{hvad} for {age.days} dage siden" if age.days else f"{hvad} for {age.seconds // 3600} timer siden"
    if age <= often:
        return ok(emne, said)
    level = fejl if age > often + _THREE else advarsel
    return level(emne, f"{said}. Se, hvorfor {verb} ikke har kørt.")


def connection(session: Session, settings: Settings) -> Iterator[Fund]:
    """Whether what goes to the database is encrypted on its way."""
    if session.get_bind().dialect.name != "postgresql":
        yield ok("database", "SQLite på maskinen selv")
        return
    places = database(settings.database_url) | database(settings.keystore_url)
    away = sorted(host for host, _port in places if host not in {"localhost", "127.0.0.1", "::1"})
    encrypted = session.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar()
    verified = all("sslmode=verify-full" in url for url in (settings.database_url, settings.keystore_url))
    if away and not encrypted:
        yield fejl(
            "database", f"Forbindelsen til {', '.join(away)} er ikke krypteret. Skriv sslmode=verify-full i adressen."
        )
    elif away and not verified:
        yield advarsel(
            "database", "Krypteret, men serverens certifikat efterprøves ikke. Skriv sslmode=verify-full i adressen."
        )
    else:
        yield ok("database", "krypteret" if away else "på maskinen selv")


def account(emne: str, engine: Engine) -> Fund:
    """Whether the account the program runs as may do more than read and write rows."""
    much = too_much(engine)
    if not much:
        return ok(emne, "må læse og skrive rækker, ikke mere")
    level = fejl if much == SUPERBRUGER else advarsel
    return level(emne, f"Programmets bruger {much}. Brug en for sig; se Databasebrugere i docs/drift.md.")


def _stream(session: Session, settings: Settings) -> Fund:
    if not settings.environ.get("RAADGIVNING_SPOR_MODTAGER"):
        return advarsel("spor ud af huset", "Sporets poster bliver på maskinen. Sæt RAADGIVNING_SPOR_MODTAGER.")
    if uden_poster(session):
        return fejl("spor ud af huset", "Poster, som skulle være sendt, er der ikke mere. Kør: raadgivning spor tjek")
    oldest = ældste_usendte(session)
    if oldest is not None and now() - oldest > timedelta(hours=1):
        return fejl(
            "spor ud af huset", "Poster har ventet i over en time. Se, om »spor send« kører, og om modtageren svarer."
        )
    return ok("spor ud af huset", "alt er afleveret" if oldest is None else "de nyeste er på vej")


def _backups(settings: Settings) -> Iterator[Fund]:
    """The newest file's name says when it was taken."""
    for emne, kind, name in (("datakopier", DATA, "MAPPE"), ("nøglekopier", NØGLER, "KEY_MAPPE")):
        folder = settings.environ.get(f"RAADGIVNING_BACKUP_{name}")
        if not folder:
            yield fejl(emne, f"RAADGIVNING_BACKUP_{name} er ikke sat. Tag sikkerhedskopier; se docs/drift.md.")
            continue
        newest = max((path.stem.removeprefix(f"{kind}-") for path in Path(folder).glob(f"{kind}-*.age")), default="")
        yield _since(emne, "taget", _taken(newest), _A_NIGHT, "»backup tag«")


def _taken(stem: str) -> datetime | None:
    digits = "".join(sign for sign in stem if sign.isdigit())[:14]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _scanner(settings: Settings) -> Fund:
    skanner = læs_skanner(settings)
    if skanner is None:
        return advarsel("virusscanner", "Skabeloner og logoer ses ikke af en virusscanner. Sæt RAADGIVNING_CLAMAV.")
    try:
        skanner.undersøg(b"")
    except (VirusFejl, UdgangLukket):
        return fejl(
            "virusscanner", "Den svarer ikke, så ingen skabelon kan lægges ind. Se clamd og RAADGIVNING_CLAMAV."
        )
    return ok("virusscanner", "svarer")


def tjek_biblioteker(stempel: Path = STEMPEL) -> Fund:
    """When `./kør svagheder` last found nothing."""
    try:
        last = datetime.fromtimestamp(stempel.stat().st_mtime, UTC)
    except OSError:
        return advarsel("biblioteker", "Aldrig set efter for kendte svagheder. Kør: ./kør svagheder, hver uge.")
    days = (now() - last).days
    if now() - last > _A_WEEK:
        return advarsel("biblioteker", f"Ingen kendte svagheder for {days} dage siden. Kør: ./kør svagheder, hver uge.")
    return ok("biblioteker", f"ingen kendte svagheder for {days} dage siden")
