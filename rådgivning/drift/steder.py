"""Where this instance connects to: the list that systemd's filter and `drift tjek` are made from."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from rådgivning.adgang.oidc_setup import læs_oidc
from rådgivning.drift.spor_modtager import læs_modtager
from rådgivning.settings import Settings
from rådgivning.udgang import Sted, navn
from rådgivning.virus import læs_skanner

DATABASE, LOG_IND, MAIL = "database", "log ind-tjeneste", "mailserver"
SCANNER, SPOR, SIDEN = "virusscanner", "sporets modtager", "siden selv"


def steder(settings: Settings) -> Mapping[str, frozenset[Sted]]:
    """Host and port of each service in the settings. Socket files and SQLite are no places. Raises SettingsFejl."""
    oidc, skanner, modtager = læs_oidc(settings), læs_skanner(settings), læs_modtager(settings)
    site = urlsplit(settings.adresse)
    port = site.port or (443 if site.scheme == "https" else 80)
    found = {
        DATABASE: database(settings.database_url) | database(settings.keystore_url),
        LOG_IND: oidc.udgang.steder if oidc else frozenset(),
        MAIL: settings.post.udgang.steder if settings.post else frozenset(),
        SCANNER: skanner.udgang.steder if skanner else frozenset(),
        SPOR: modtager.udgang.steder if modtager else frozenset(),
    }
    if site.hostname:
        found[SIDEN] = frozenset({(navn(site.hostname), port)})
    return {what: places for what, places in found.items() if places}


def database(url: str) -> frozenset[Sted]:
    """The hosts of a database's address; none for SQLite or a socket folder."""
    parts = urlsplit(url)
    if not parts.scheme.startswith("postgresql"):
        return frozenset()
    query = parse_qs(parts.query)
    hosts = query.get("host", [parts.hostname or ""])[0].split(",")
    port = int(query.get("port", [str(parts.port or 5432)])[0].split(",")[0])
    return frozenset((navn(host), port) for host in hosts if host and not host.startswith("/"))
