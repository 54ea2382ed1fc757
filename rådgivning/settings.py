"""Typed settings: everything the program reads from its surroundings, read once, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


class SettingsFejl(Exception):
    """A setting cannot be used; the message is one Danish sentence that says what to do."""


@dataclass(frozen=True)
class Settings:
    """One instance's settings. Paths are absolute; durations are timedeltas.

    `ics_adresse`: whether a calendar feed, which leaves this machine, may say where a visit is.
    `proxies` is how many web servers stand before this one and tell the browser's address; with HTTPS there is one.
    """

    instance: Path
    database_url: str
    keystore_url: str
    key_file: Path
    https: bool = True
    proxies: int = 1
    session_idle: timedelta = timedelta(minutes=60)
    session_absolute: timedelta = timedelta(hours=12)
    person_threshold: int = 5
    rounding_base: int = 5
    ics_adresse: bool = False
    request_bytes: int = 24 * 1024 * 1024
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], instance: Path | None = None) -> Settings:
        """Read `RAADGIVNING_*`; the key file's default lies beside the instance folder, never inside it.

        Raises SettingsFejl when a value cannot be understood.
        """
        folder = (instance or Path(environ.get("RAADGIVNING_INSTANCE", "instance"))).resolve()
        credentials = environ.get("CREDENTIALS_DIRECTORY")
        key_file = environ.get("RAADGIVNING_KEY_FILE")
        if key_file is None and credentials is not None:
            key_file = str(Path(credentials) / "raadgivning.nøgle")
        https = _ja_nej(environ, "RAADGIVNING_HTTPS", default=True)
        return cls(
            instance=folder,
            database_url=environ.get("RAADGIVNING_DATABASE_URL") or f"sqlite:///{folder / 'raadgivning.db'}",
            keystore_url=environ.get("RAADGIVNING_KEYSTORE_URL") or f"sqlite:///{folder / 'nøgler.db'}",
            key_file=Path(key_file).resolve() if key_file else folder.with_name(folder.name + ".nøgle"),
            https=https,
            proxies=_heltal(environ, "RAADGIVNING_PROXYER", int(https), 0, 5),
            session_idle=timedelta(minutes=_heltal(environ, "RAADGIVNING_SESSION_MINUTTER", 60, 5, 480)),
            session_absolute=timedelta(hours=_heltal(environ, "RAADGIVNING_SESSION_TIMER", 12, 1, 24)),
            person_threshold=_heltal(environ, "RAADGIVNING_TÆRSKEL", 5, 3, 20),
            ics_adresse=_ja_nej(environ, "RAADGIVNING_ICS_ADRESSE", default=False),
            environ=dict(environ),
        )


def _ja_nej(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name, "").strip().lower()
    if value == "":
        return default
    if value in {"1", "ja", "true"}:
        return True
    if value in {"0", "nej", "false"}:
        return False
    raise SettingsFejl(f"{name} skal være ja eller nej, ikke »{value}«.")


def _heltal(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = environ.get(name, "").strip()
    if value == "":
        return default
    if not value.isdecimal() or not low <= int(value) <= high:
        raise SettingsFejl(f"{name} skal være et helt tal fra {low} til {high}, ikke »{value}«.")
    return int(value)
