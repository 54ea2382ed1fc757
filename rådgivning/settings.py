"""Typed settings: everything the program reads from its surroundings, read once, in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from rådgivning.udgang import Net, Udgang, læs_net, navn

SMTP_PORTE = {"starttls": 587, "tls": 465, "ingen": 25}
_ATOM, _LABEL = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = re.compile(rf"(?!.{{65,}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+", re.ASCII)


_GAMMEL_TÆRSKEL = "RAADGIVNING_TÆRSKEL"
"""As it was called first; still read, where it could be set: systemd and shells take no such name."""


class SettingsFejl(Exception):
    """A setting cannot be used; the message is one Danish sentence that says what to do."""


@dataclass(frozen=True)
class Postopsætning:
    """The mail server that notices leave through. `tls` is "starttls", "tls" or "ingen"; `adresse` this site's URL."""

    host: str
    port: int
    tls: str
    afsender: str
    adresse: str
    bruger: str = ""
    kodeord: str = field(default="", repr=False)
    indre_net: tuple[Net, ...] = ()

    @property
    def udgang(self) -> Udgang:
        """The mail server is the only place mail goes."""
        return Udgang(frozenset({(navn(self.host), self.port)}), self.indre_net)


@dataclass(frozen=True)
class Kopidage:
    """For how many days backups are kept: the data's; and the key store's, by which an erased person can come back."""

    data: int = 90
    nøgler: int = 30


MEST_NØGLEDAGE = 30


@dataclass(frozen=True)
class Settings:
    """One instance's settings. Paths are absolute; durations are timedeltas.

    `ics_adresse`: whether a calendar feed, which leaves this machine, may say where a visit is.
    `post`: the mail server; None when e-mail is not set up.
    `kopidage`: what receipts of erasure promise, and the most that `backup tag` keeps.
    `opgrader_database_url`, `opgrader_keystore_url`: the accounts that own the tables, when the program has others.
    `adresse`: this site's own address, as https://sager.example.dk; "" when nobody said it.
    `frisk_minutter`: so long a proof of who she is lets a user export, erase and change users without another.
    `anden_faktor`: "skal", or in development "kan": whether a password alone signs anybody in.
    `ny_browser_bekræfter`: whether databeskyttelse proves herself anew in a new browser; not where a password is all.
    `kald`: how many calls of pages a signed-in user has in store, refilled over a minute, and over an hour.
    `admin_net`: the networks from which databeskyttelse's pages may be used; none means all.
    `passphrase` opens a locked key file, `development` allows what nobody may rely on: told at start.
    `indre_net`: networks that are not the internet's and that the names of services may lead to.
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
    frisk_minutter: int = 15
    anden_faktor: str = "skal"
    ny_browser_bekræfter: bool = True
    kald: tuple[int, int] = (300, 3000)
    admin_net: tuple[Net, ...] = ()
    adresse: str = ""
    person_threshold: int = 5
    rounding_base: int = 5
    ics_adresse: bool = False
    indre_net: tuple[Net, ...] = ()
    post: Postopsætning | None = None
    kopidage: Kopidage = field(default_factory=Kopidage)
    request_bytes: int = 24 * 1024 * 1024
    development: bool = False
    opgrader_database_url: str = field(default="", repr=False)
    opgrader_keystore_url: str = field(default="", repr=False)
    passphrase: str | None = field(default=None, repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], instance: Path | None = None) -> Settings:
        """Read `RAADGIVNING_*`; the key file's default lies beside the instance folder, never inside it.

        Raises SettingsFejl when a value cannot be understood.
        """
        folder = (instance or Path(environ.get("RAADGIVNING_INSTANCE", "instance"))).resolve()
        key_file = environ.get("RAADGIVNING_KEY_FILE")
        https = _ja_nej(environ, "RAADGIVNING_HTTPS", default=True)
        _check_accounts(environ)
        return cls(
            instance=folder,
            database_url=_database(environ, "RAADGIVNING_DATABASE_URL") or f"sqlite:///{folder / 'raadgivning.db'}",
            keystore_url=_database(environ, "RAADGIVNING_KEYSTORE_URL") or f"sqlite:///{folder / 'nøgler.db'}",
            key_file=Path(key_file).resolve() if key_file else folder.with_name(folder.name + ".nøgle"),
            https=https,
            proxies=_heltal(environ, "RAADGIVNING_PROXYER", int(https), 0, 5),
            session_idle=timedelta(minutes=_heltal(environ, "RAADGIVNING_SESSION_MINUTTER", 60, 5, 480)),
            session_absolute=timedelta(hours=_heltal(environ, "RAADGIVNING_SESSION_TIMER", 12, 1, 24)),
            frisk_minutter=_heltal(environ, "RAADGIVNING_FRISK_MINUTTER", 15, 1, 60),
            anden_faktor=_anden_faktor(environ),
            ny_browser_bekræfter=_anden_faktor(environ) == "skal",
            kald=(
                _heltal(environ, "RAADGIVNING_KALD_MINUT", 300, 60, 1_000_000),
                _heltal(environ, "RAADGIVNING_KALD_TIME", 3000, 600, 1_000_000),
            ),
            admin_net=_net(environ, "RAADGIVNING_ADMINISTRATION_NET"),
            adresse=_adresse(environ),
            person_threshold=_heltal(
                environ, "RAADGIVNING_TAERSKEL", _heltal(environ, _GAMMEL_TÆRSKEL, 5, 3, 20), 3, 20
            ),
            rounding_base=_base(environ),
            ics_adresse=_ja_nej(environ, "RAADGIVNING_ICS_ADRESSE", default=False),
            indre_net=_net(environ, "RAADGIVNING_INDRE_NET"),
            post=_post(environ),
            kopidage=Kopidage(
                _heltal(environ, "RAADGIVNING_BACKUP_DAGE", 90, 1, 3650),
                _heltal(environ, "RAADGIVNING_BACKUP_KEY_DAGE", MEST_NØGLEDAGE, 1, MEST_NØGLEDAGE),
            ),
            opgrader_database_url=_database(environ, "RAADGIVNING_OPGRADER_DATABASE_URL"),
            opgrader_keystore_url=_database(environ, "RAADGIVNING_OPGRADER_KEYSTORE_URL"),
            environ=dict(environ),
        )

    @property
    def ejer_database_url(self) -> str:
        """The database by the account that owns its tables: for upgrades, a new instance and a restore."""
        return self.opgrader_database_url or self.database_url

    @property
    def ejer_keystore_url(self) -> str:
        """The key store by the account that owns its table."""
        return self.opgrader_keystore_url or self.keystore_url

    def tjekket(self) -> Settings:
        """These settings, when a server may run with them; raises SettingsFejl when it may not."""
        if self.anden_faktor != "skal" and not self.development:
            raise SettingsFejl("RAADGIVNING_ANDEN_FAKTOR=kan bruges kun med --udvikling. Lad den være skal i drift.")
        if not self.development and any(map(_åben_forbindelse, (self.database_url, self.keystore_url))):
            raise SettingsFejl("Databasen nås over nettet uden kryptering. Skriv sslmode=verify-full i dens adresse.")
        return self


def _åben_forbindelse(url: str) -> bool:
    """Whether a database on another machine may be spoken to in clear."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("postgresql"):
        return False
    query = parse_qs(parts.query)
    host = query.get("host", [parts.hostname or ""])[0]
    local = host.startswith("/") or host in {"", "localhost", "127.0.0.1", "::1"}
    return not local and query.get("sslmode", [""])[0] not in {"require", "verify-ca", "verify-full"}


def _database(environ: Mapping[str, str], name: str) -> str:
    url = environ.get(name, "")
    return databaseadresse(name, url) if url else ""


def databaseadresse(navn: str, url: str) -> str:
    """The address of a database as it was given under a name; raises SettingsFejl, which repeats nothing of it."""
    try:
        parts, read = urlsplit(url), make_url(url)
        port = parse_qs(parts.query).get("port", ["0"])[0] + str(parts.port or "")
    except (ValueError, ArgumentError):
        port = "?"
    if port.replace(",", "").isdecimal():
        if read.drivername == "sqlite" and read.database not in {None, "", ":memory:"} and not read.query:
            return url
        if read.drivername in {"postgresql", "postgresql+psycopg"}:
            return url
    raise SettingsFejl(
        f"{navn} er ikke adressen på en database. Skriv sqlite:////mappe/fil.db eller postgresql://bruger@vært/navn."
    )


def _check_accounts(environ: Mapping[str, str]) -> None:
    """The accounts that own the tables come in a pair, where both databases have accounts."""
    urls = [environ.get(name, "") for name in ("RAADGIVNING_DATABASE_URL", "RAADGIVNING_KEYSTORE_URL")]
    owners = (environ.get("RAADGIVNING_OPGRADER_DATABASE_URL"), environ.get("RAADGIVNING_OPGRADER_KEYSTORE_URL"))
    if all(url.startswith("postgresql") for url in urls) and bool(owners[0]) != bool(owners[1]):
        raise SettingsFejl(
            "RAADGIVNING_OPGRADER_DATABASE_URL og RAADGIVNING_OPGRADER_KEYSTORE_URL sættes begge to eller slet ikke."
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


def _base(environ: Mapping[str, str]) -> int:
    value = environ.get("RAADGIVNING_AFRUNDING", "").strip()
    if value not in {"", "3", "5"}:
        raise SettingsFejl(f"RAADGIVNING_AFRUNDING skal være 3 eller 5, ikke »{value}«.")
    return int(value or 5)


def _anden_faktor(environ: Mapping[str, str]) -> str:
    value = environ.get("RAADGIVNING_ANDEN_FAKTOR", "").strip().lower() or "skal"
    if value not in {"skal", "kan"}:
        raise SettingsFejl(f"RAADGIVNING_ANDEN_FAKTOR skal være skal eller kan, ikke »{value}«.")
    return value


def _adresse(environ: Mapping[str, str]) -> str:
    """This site's address: scheme and host, perhaps a port, nothing after."""
    value = environ.get("RAADGIVNING_ADRESSE", "").strip().rstrip("/")
    url = urlsplit(value)
    fits = url.scheme in {"http", "https"} and url.hostname and not url.query and not url.fragment and value.isascii()
    if value and not fits:
        raise SettingsFejl("RAADGIVNING_ADRESSE skal være adressen på jeres side, fx https://sager.example.dk")
    return value


def _net(environ: Mapping[str, str], name: str) -> tuple[Net, ...]:
    try:
        return læs_net(environ.get(name, ""))
    except ValueError:
        raise SettingsFejl(f"{name} skal være net, fx 10.20.0.0/16; flere med mellemrum.") from None


def _post(environ: Mapping[str, str]) -> Postopsætning | None:
    """The mail server; None without RAADGIVNING_SMTP_HOST."""
    host = environ.get("RAADGIVNING_SMTP_HOST", "").strip()
    if not host:
        return None
    tls = environ.get("RAADGIVNING_SMTP_TLS", "").strip().lower() or "starttls"
    if tls not in SMTP_PORTE:
        raise SettingsFejl(f"RAADGIVNING_SMTP_TLS skal være starttls, tls eller ingen, ikke »{tls}«.")
    post = Postopsætning(
        host=host,
        port=_heltal(environ, "RAADGIVNING_SMTP_PORT", SMTP_PORTE[tls], 1, 65535),
        tls=tls,
        afsender=environ.get("RAADGIVNING_SMTP_AFSENDER", "").strip(),
        adresse=_adresse(environ),
        bruger=environ.get("RAADGIVNING_SMTP_BRUGER", "").strip(),
        kodeord=_smtp_kodeord(environ),
        indre_net=_net(environ, "RAADGIVNING_INDRE_NET"),
    )
    if not EMAIL.fullmatch(post.afsender):
        raise SettingsFejl("RAADGIVNING_SMTP_AFSENDER skal være den e-mailadresse, beskeder sendes fra.")
    if not post.adresse:
        raise SettingsFejl("RAADGIVNING_ADRESSE skal være adressen på jeres side, fx https://sager.example.dk")
    if not (post.bruger + post.kodeord).isascii():
        raise SettingsFejl(
            "RAADGIVNING_SMTP_BRUGER og RAADGIVNING_SMTP_KODEORD kan ikke have æ, ø, å eller andre tegn."
        )
    if bool(post.bruger) != bool(post.kodeord):
        raise SettingsFejl("RAADGIVNING_SMTP_BRUGER og RAADGIVNING_SMTP_KODEORD skal sættes begge to eller slet ikke.")
    if post.kodeord and tls == "ingen":
        raise SettingsFejl("En adgangskode sendes ikke ukrypteret: sæt RAADGIVNING_SMTP_TLS til starttls eller tls.")
    return post


def _smtp_kodeord(environ: Mapping[str, str]) -> str:
    """The password: from a file or systemd's credentials, else from the environment."""
    file, credentials = environ.get("RAADGIVNING_SMTP_KODEORD_FIL"), environ.get("CREDENTIALS_DIRECTORY")
    if not file and credentials and (Path(credentials) / "raadgivning.smtp").is_file():
        file = str(Path(credentials) / "raadgivning.smtp")
    if not file:
        return environ.get("RAADGIVNING_SMTP_KODEORD", "")
    try:
        return Path(file).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise SettingsFejl("Filen i RAADGIVNING_SMTP_KODEORD_FIL kan ikke læses.") from None
