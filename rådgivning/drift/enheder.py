"""systemd's units for this instance: the same hardening for all, and each may connect only to its own services."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rådgivning.drift.parser import KommandoFejl
from rådgivning.drift.steder import DATABASE, LOG_IND, MAIL, SCANNER, SIDEN, SPOR, steder
from rådgivning.nøgler.sources import CREDENTIAL, SÆTNING
from rådgivning.settings import Settings
from rådgivning.udgang import Sted, slå_op

NØGLE_FIL: Final = "/etc/raadgivning/raadgivning.nøgle"
SÆTNING_FIL: Final = "/etc/raadgivning/saetning.cred"
RESOLV_CONF: Final = Path("/etc/resolv.conf")
HÆRDNING: Final = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
SystemCallArchitectures=native
CapabilityBoundingSet=
LimitCORE=0
UMask=0077
"""


@dataclass(frozen=True)
class Enhed:
    """One service: what it runs, which services it speaks to, and when (a timer) or that it stays."""

    hvad: str
    kør: Sequence[str]
    taler_med: Sequence[str] = ()
    hver: str = ""
    linjer: Sequence[str] = ()
    skriver: Sequence[str] = field(default=())


_SECRETS: Final = {MAIL: "smtp", LOG_IND: "oidc"}


def _units(settings: Settings) -> Mapping[str, Enhed]:
    backup = [settings.environ.get(f"RAADGIVNING_BACKUP_{name}", "") for name in ("MAPPE", "KEY_MAPPE")]
    drill = ["backup øvelse"] if settings.database_url.startswith("sqlite") else []  # PostgreSQL's needs an empty one
    units = {
        "raadgivning": Enhed(
            "server", ["start --bind unix:/run/raadgivning/web.sock"], (LOG_IND, SCANNER),
            linjer=("RuntimeDirectory=raadgivning", "RuntimeDirectoryMode=0750"),
        ),
        "raadgivning-nat": Enhed(
            "slettefrister og tal hver nat", ["databeskyttelse slet-udløbne", "statistik gør-klar"], hver="*-*-* 01:30"
        ),
        "raadgivning-backup": Enhed("sikkerhedskopi og øvelse hver nat", ["backup tag", "spor tjek", *drill],
                                    hver="*-*-* 02:30", skriver=[path for path in backup if path]),
    }  # fmt: skip
    units["raadgivning-tjek"] = Enhed(
        "se på stedet hver nat", ["drift tjek --kun-fund"], (SIDEN, SCANNER), hver="*-*-* 04:30",
        # it asks the kernel about its clock and looks for the devices of memory encryption; only a FEJL is a failure
        linjer=("ProtectClock=no", "PrivateDevices=no", "SystemCallFilter=adjtimex clock_adjtime",
                "SuccessExitStatus=1"),
    )  # fmt: skip
    if settings.post is not None:
        units["raadgivning-post"] = Enhed("mail", ["beskeder send --hvert 60"], (MAIL,))
    if settings.environ.get("RAADGIVNING_SPOR_MODTAGER"):
        units["raadgivning-spor"] = Enhed("sporet sendes et andet sted hen", ["spor send --hvert 10"], (SPOR,))
    return units


def enheder(
    settings: Settings, program: str, bruger: str, miljø: str, tillad: Sequence[str], *, låst: bool = False
) -> Mapping[str, str]:
    """Each unit's file name and text; with a key file that is `låst`, each is given its passphrase.

    Raises KommandoFejl for a name that cannot be looked up.
    """
    found = {}
    known = steder(settings)
    for name, enhed in _units(settings).items():
        places = sorted({place for what in (DATABASE, *enhed.taler_med) for place in known.get(what, ())})
        lines = [
            "[Unit]", f"Description=rådgivning: {enhed.hvad}", "After=network-online.target", "", "[Service]",
            *(["Type=oneshot"] if enhed.hver else ["Restart=on-failure"]),
            f"User={bruger}", f"EnvironmentFile={miljø}",
            f"LoadCredential={CREDENTIAL}:{NØGLE_FIL}",
            *([f"LoadCredentialEncrypted={SÆTNING}:{SÆTNING_FIL}"] if låst else []),
            *(f"LoadCredential=raadgivning.{short}:/etc/raadgivning/{short}" for what, short in _SECRETS.items()
              if what in enhed.taler_med and what in known),
            *(f"ExecStart={program} {verb}" for verb in enhed.kør),
            f"ReadWritePaths={' '.join([str(settings.instance), *enhed.skriver])}",
            *_net(places, tillad if enhed.taler_med else ()), HÆRDNING.rstrip(), *enhed.linjer, "",
        ]  # fmt: skip
        if not enhed.hver:
            lines += ["[Install]", "WantedBy=multi-user.target", ""]
        found[f"{name}.service"] = "\n".join(lines)
        if enhed.hver:
            found[f"{name}.timer"] = _timer(enhed)
    return found


def _timer(enhed: Enhed) -> str:
    return (
        f"[Unit]\nDescription=rådgivning: {enhed.hvad}\n\n[Timer]\nOnCalendar={enhed.hver}\nPersistent=true\n"
        "RandomizedDelaySec=10m\n\n[Install]\nWantedBy=timers.target\n"
    )


def _net(places: Iterable[Sted], tillad: Sequence[str]) -> list[str]:
    """systemd's filter: nobody but this machine, the services' addresses of today, and the name servers they need."""
    lines, named = ["IPAddressDeny=any", "IPAddressAllow=localhost"], False
    for host, port in places:
        try:
            found = " ".join(str(adresse) for adresse in slå_op(host, port))
        except OSError:
            raise KommandoFejl(f"{host} kan ikke slås op. Kør kommandoen, hvor navnet kan findes.") from None
        named = named or found != host
        lines += [f"# {host}:{port}", f"IPAddressAllow={found}"]
    if named:
        lines += [f"IPAddressAllow={server}" for server in _name_servers()]
    return lines + ([f"IPAddressAllow={' '.join(tillad)}"] if tillad else [])


def _name_servers() -> list[str]:
    try:
        text = RESOLV_CONF.read_text(encoding="utf-8")
    except OSError:
        return []
    found = (ipaddress.ip_address(word.partition("%")[0]) for word in re.findall(r"(?m)^nameserver\s+(\S+)", text))
    return [str(server) for server in found if not server.is_loopback]
