"""The one door out: every connection this program itself opens to somebody else is opened here.

A service is spoken to at the places its settings name and nowhere else, whatever a document, a redirect or a name
server says. The database's driver opens its own, to the address in the settings.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Net = ipaddress.IPv4Network | ipaddress.IPv6Network
Adresse = ipaddress.IPv4Address | ipaddress.IPv6Address
Sted = tuple[str, int]


class UdgangLukket(OSError):
    """The place is not on the list, or its name leads to an address inside that no setting allows."""


@dataclass(frozen=True)
class Udgang:
    """The places one service may be spoken to at, and the networks inside that a name may lead to.

    An address that is not the internet's (127.0.0.1, 10.…, 169.254.…) is gone to only when the settings name that very
    address, or `localhost`, or the network in RAADGIVNING_INDRE_NET: a name server cannot turn us inwards.
    """

    steder: frozenset[Sted]
    indre_net: tuple[Net, ...] = ()

    def forbind(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """A connection to a place on the list. Raises UdgangLukket for another, OSError when it does not answer."""
        if (navn(host), port) not in self.steder:
            raise UdgangLukket("stedet står ikke i indstillingerne")
        error: OSError = UdgangLukket("navnet fører til en indre adresse, som ikke står i RAADGIVNING_INDRE_NET")
        for adresse in slå_op(host, port):
            if not self.må(host, adresse):
                continue
            try:
                return socket.create_connection((str(adresse), port), timeout)
            except OSError as fejl:
                error = fejl
        raise error

    def må(self, host: str, adresse: Adresse) -> bool:
        """Whether a name may lead to this address."""
        found = _fører_til(adresse)
        named = navn(host) == str(adresse) or (navn(host) == "localhost" and all(one.is_loopback for one in found))
        return named or all(_er_ude(one) or any(one in net for net in self.indre_net) for one in found)


_I_ENDEN: Final = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
"""NAT64, and IPv6's first form of an address of IPv4: both end in it."""
_INDRE: Final = (ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("fec0::/10"))
"""NAT64 inside a site, and the sites' addresses of old: Python takes them for the internet's."""


def _fører_til(adresse: Adresse) -> Sequence[Adresse]:
    """The addresses that packets to this one end at: those of IPv4 that are written inside one of IPv6."""
    if isinstance(adresse, ipaddress.IPv4Address):
        return [adresse]
    if adresse.ipv4_mapped:
        return [adresse.ipv4_mapped]
    if any(adresse in net for net in _I_ENDEN) and not (adresse.is_loopback or adresse.is_unspecified):
        return [ipaddress.IPv4Address(int(adresse) & 0xFFFFFFFF)]
    if adresse.sixtofour:
        return [adresse.sixtofour]  # not the address itself: Pythons differ about whether it is the internet's
    return [adresse, *(adresse.teredo or ())]


def _er_ude(adresse: Adresse) -> bool:
    """Whether an address is one of the internet's machines."""
    return adresse.is_global and not adresse.is_multicast and not any(adresse in net for net in _INDRE)


def forbind_lokalt(sti: Path, timeout: float) -> socket.socket:
    """A connection to a socket file on this machine. Raises OSError."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(timeout)
    try:
        sock.connect(str(sti))
    except OSError:
        sock.close()
        raise
    return sock


def navn(host: str) -> str:
    """A host as it stands on the list."""
    return host.strip("[]").rstrip(".").casefold()


def slå_op(host: str, port: int) -> Sequence[Adresse]:
    """The addresses a name leads to now. Raises OSError."""
    try:
        found = socket.getaddrinfo(navn(host), port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise UdgangLukket("navnet kan ikke slås op") from None
    return list(dict.fromkeys(ipaddress.ip_address(str(place[0])) for *_kind, place in found))


def læs_net(text: str) -> tuple[Net, ...]:
    """Networks separated by blanks or commas. Raises ValueError."""
    return tuple(ipaddress.ip_network(part) for part in text.replace(",", " ").split())
