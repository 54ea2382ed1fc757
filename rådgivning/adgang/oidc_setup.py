"""How this instance is told of the service that users may sign in through (OpenID Connect). Needs none of the extra's
libraries, so that the program runs, and says what is missing, without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rådgivning.settings import Settings, SettingsFejl
from rådgivning.udgang import Net, Udgang, navn

if TYPE_CHECKING:
    from rådgivning.adgang.oidc import Udbyder

SVAR: Final = "/log-ind/oidc/svar"
UD: Final = "/log-ind/oidc/ud"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
MANGLER: Final = (
    "Log ind gennem en tjeneste er sat op (RAADGIVNING_OIDC_UDSTEDER), men tillægget oidc er ikke installeret. "
    "Kør: uv pip sync requirements-oidc.lock"
)


class OidcFejl(Exception):
    """The service's answer cannot be used. `årsag` is a fixed word for the trail; `os`: the service could not be
    reached or is set up wrongly, so it is no attempt to get in."""

    def __init__(self, årsag: str, *, os: bool = False) -> None:
        super().__init__(årsag)
        self.årsag = årsag
        self.os = os


@dataclass(frozen=True)
class OidcOpsætning:
    """One service: who it is, who we are to it, and what of its answers counts.

    `navn` is what the button says, `bruger` the claim by which a user is known ("sub", or Entra's "oid"), `faktor` the
    claims with values of which one must be there for the second factor to count as given, `acr` what is asked for.
    `adresse` is this site's own address. `værter`: hosts where the service has keys and tokens, beside its own.
    """

    udsteder: str
    klient: str
    navn: str
    adresse: str
    bruger: str = "sub"
    faktor: frozenset[tuple[str, str]] = frozenset()
    acr: str = ""
    hemmelighed: str = field(default="", repr=False)
    værter: frozenset[str] = frozenset()
    indre_net: tuple[Net, ...] = ()

    @property
    def udgang(self) -> Udgang:
        """The issuer's own host and those the settings name: what it says about itself sends us nowhere else."""
        issuer = urlsplit(self.udsteder)
        port = issuer.port or (443 if issuer.scheme == "https" else 80)
        further = {(navn(host), 443) for host in self.værter}
        return Udgang(frozenset({(navn(issuer.hostname or ""), port)} | further), self.indre_net)


def læs_oidc(settings: Settings) -> OidcOpsætning | None:
    """The service in the settings; None when there is none. Raises SettingsFejl."""
    environ = settings.environ
    udsteder = environ.get("RAADGIVNING_OIDC_UDSTEDER", "").strip()
    if not udsteder:
        return None
    opsætning = OidcOpsætning(
        udsteder=udsteder,
        klient=environ.get("RAADGIVNING_OIDC_KLIENT", "").strip(),
        navn=environ.get("RAADGIVNING_OIDC_NAVN", "").strip() or "jeres organisation",
        adresse=settings.adresse,
        bruger=environ.get("RAADGIVNING_OIDC_BRUGER", "").strip() or "sub",
        faktor=_pairs(environ.get("RAADGIVNING_OIDC_FAKTOR", "")),
        acr=environ.get("RAADGIVNING_OIDC_ACR", "").strip(),
        hemmelighed=_secret(environ),
        værter=frozenset(environ.get("RAADGIVNING_OIDC_VAERTER", "").split()),
        indre_net=settings.indre_net,
    )
    _check(opsætning)
    return opsætning


def åbn_udbyder(settings: Settings) -> Udbyder | None:
    """The service, ready to be asked; nothing is fetched yet. None when there is none. Raises SettingsFejl."""
    opsætning = læs_oidc(settings)
    if opsætning is None:
        return None
    try:
        from rådgivning.adgang.oidc import Udbyder
    except ImportError as fejl:
        raise SettingsFejl(MANGLER) from fejl
    return Udbyder(opsætning)


def sikker_adresse(url: str, *, lokal: bool) -> bool:
    """Whether a URL may be asked or gone to: HTTPS, or with `lokal` this very machine, as in tests."""
    parts = urlsplit(url)
    if not parts.hostname or parts.fragment or parts.username:
        return False
    return parts.scheme == "https" or (lokal and parts.scheme == "http" and parts.hostname in _LOOPBACK)


def er_lokal(url: str) -> bool:
    """Whether a URL names this very machine."""
    return urlsplit(url).hostname in _LOOPBACK


def _check(opsætning: OidcOpsætning) -> None:
    if not sikker_adresse(opsætning.udsteder, lokal=True) or urlsplit(opsætning.udsteder).query:
        raise SettingsFejl("RAADGIVNING_OIDC_UDSTEDER skal være tjenestens adresse, fx https://login.example.dk")
    if not opsætning.klient:
        raise SettingsFejl("RAADGIVNING_OIDC_KLIENT mangler: det navn, I har fået hos log ind-tjenesten.")
    if not opsætning.hemmelighed:
        raise SettingsFejl("RAADGIVNING_OIDC_HEMMELIGHED_FIL mangler: filen med den hemmelighed, I har fået.")
    if opsætning.bruger not in {"sub", "oid"}:
        raise SettingsFejl("RAADGIVNING_OIDC_BRUGER skal være sub eller oid.")
    if not sikker_adresse(opsætning.adresse, lokal=er_lokal(opsætning.udsteder)):
        raise SettingsFejl("RAADGIVNING_ADRESSE skal være adressen på jeres side, fx https://sager.example.dk")


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """`amr=mfa acr=…` as claims and values."""
    pairs = [part.partition("=") for part in text.split()]
    if not all(claim and value for claim, _equals, value in pairs):
        raise SettingsFejl("RAADGIVNING_OIDC_FAKTOR skal være felt=værdi, fx amr=mfa; flere med mellemrum imellem.")
    return frozenset((claim, value) for claim, _equals, value in pairs)


def _secret(environ: Mapping[str, str]) -> str:
    """The client's secret: from a file or systemd's credentials, never from the environment or the database."""
    file, credentials = environ.get("RAADGIVNING_OIDC_HEMMELIGHED_FIL"), environ.get("CREDENTIALS_DIRECTORY")
    if not file and credentials:
        file = str(Path(credentials) / "raadgivning.oidc")
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsFejl("Filen i RAADGIVNING_OIDC_HEMMELIGHED_FIL kan ikke læses.") from None
