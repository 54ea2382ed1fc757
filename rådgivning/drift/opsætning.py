"""The verbs `drift opsætning nginx` and `… systemd`: what stands around the program, made from its settings."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rådgivning.drift.enheder import NØGLE_FIL, SÆTNING_FIL, enheder
from rådgivning.drift.nøgler import has_locked_file
from rådgivning.drift.parser import KommandoFejl, add_verb, group
from rådgivning.drift.server import TIMEOUT
from rådgivning.settings import Settings
from rådgivning.udgang import læs_net

SOCKET: Final = "/run/raadgivning/web.sock"
_TEMPLATE: Final = Path(__file__).with_name("skabeloner") / "nginx.conf"
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_PATH: Final = re.compile(r"/[\w./@+-]+")


def add_to(drift: Any) -> None:
    """Add `opsætning` to the verb `drift`."""
    setup = group(drift, "opsætning", "Filer til det, der står rundt om programmet, lavet ud fra indstillingerne.")
    nginx = add_verb(
        setup, "nginx", _nginx, "Skriv opsætningen til nginx foran programmet.",
        "raadgivning drift opsætning nginx --navn sager.example.dk > /etc/nginx/conf.d/raadgivning.conf",
        åbner=False,
    )  # fmt: skip
    nginx.add_argument("--navn", help="sidens navn (ellers det i RAADGIVNING_ADRESSE)")
    nginx.add_argument("--certifikat", help="certifikat med kæde (standard: Let's Encrypts mappe)")
    nginx.add_argument("--nøgle", help="certifikatets nøgle (standard: ved siden af certifikatet)")
    nginx.add_argument("--socket", default=SOCKET, help=f"som i start --bind unix:… (standard {SOCKET})")
    nginx.add_argument("--log", default="/var/log/nginx/raadgivning.log", help="loggens fil")
    nginx.add_argument("--acme", default="/var/www/letsencrypt", help="mappen til fornyelse af certifikatet")
    nginx.add_argument("--https-port", type=int, default=443, help="standard 443")
    nginx.add_argument("--http-port", type=int, default=80, help="standard 80")
    nginx.add_argument("--kun-ipv4", action="store_true", help="lyt ikke på IPv6")
    systemd = add_verb(
        setup, "systemd", _systemd, "Skriv systemd-enhederne, som kun må forbinde til stederne i indstillingerne.",
        "raadgivning drift opsætning systemd --ud /etc/systemd/system", åbner=False,
    )  # fmt: skip
    systemd.add_argument("--ud", type=Path, required=True, help="mappen, filerne skrives i")
    systemd.add_argument("--program", default="/srv/raadgivning/kør", help="standard /srv/raadgivning/kør")
    systemd.add_argument("--bruger", default="raadgivning", help="den bruger, programmet kører som")
    systemd.add_argument("--miljø", default="/etc/raadgivning.env", help="filen med indstillinger")
    systemd.add_argument("--låst", action="store_true",
                         help="nøglefilen er låst med en adgangssætning (ses ellers, når filen kan læses)")  # fmt: skip
    systemd.add_argument("--tillad", nargs="*", default=[], metavar="NET", help="flere net, fx en tjenestes skiftende")


def nginx_opsætning(settings: Settings, args: Namespace) -> str:
    """nginx's configuration for this instance. Raises KommandoFejl."""
    if settings.proxies != 1 or not settings.https:
        raise KommandoFejl("Opsætningen er til ét led foran med HTTPS: RAADGIVNING_PROXYER=1 og RAADGIVNING_HTTPS=ja.")
    name = (args.navn or urlsplit(settings.adresse).hostname or "").casefold()
    if not _NAME.fullmatch(name):
        raise KommandoFejl("Sig sidens navn: --navn sager.example.dk (uden https:// og med små bogstaver).")
    certificate = args.certifikat or f"/etc/letsencrypt/live/{name}/fullchain.pem"
    key = args.nøgle or str(Path(certificate).with_name("privkey.pem"))
    for path in (args.socket, args.log, args.acme, certificate, key):
        if not _PATH.fullmatch(path):
            raise KommandoFejl(f"»{path}« skal være en hel sti uden mellemrum.")
    values = {
        "NAVN": name, "VÆRT": name if args.https_port == 443 else f"{name}:{args.https_port}",
        "HTTP": args.http_port, "HTTPS": args.https_port, "CERTIFIKAT": certificate, "NØGLE": key,
        "SOCKET": args.socket, "LOG": args.log, "ACME": args.acme, "STØRST": settings.request_bytes,
        "MB": settings.request_bytes // 2**20, "VENT": TIMEOUT + 5,
    }  # fmt: skip
    text = re.sub(r"@([A-ZÆØÅ]+)@", lambda place: str(values[place[1]]), _TEMPLATE.read_text(encoding="utf-8"))
    return re.sub(r"(?m)^ *listen \[::\].*\n", "", text) if args.kun_ipv4 else text


def _nginx(settings: Settings, args: Namespace) -> int:
    sys.stdout.write(nginx_opsætning(settings, args))
    return 0


def _systemd(settings: Settings, args: Namespace) -> int:
    try:
        more = [str(net) for text in args.tillad for net in læs_net(text)]
    except ValueError:
        raise KommandoFejl("--tillad skal være net, fx 10.20.0.0/16.") from None
    units_own = replace(settings, key_file=Path(NØGLE_FIL))
    låst = args.låst or has_locked_file(settings) or has_locked_file(units_own)
    for name, text in enheder(settings, args.program, args.bruger, args.miljø, more, låst=låst).items():
        try:
            (args.ud / name).write_text(text, encoding="utf-8")
        except OSError:
            raise KommandoFejl(f"{args.ud / name} kan ikke skrives.") from None
        sys.stdout.write(f"{args.ud / name}\n")
    if låst:
        sys.stderr.write(f"bemærk: nøglefilen er låst, så hver enhed læser adgangssætningen i {SÆTNING_FIL}.\n")
    return 0
