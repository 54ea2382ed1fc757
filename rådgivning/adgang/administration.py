"""From where databeskyttelse's pages may be used, besides the role, the factor and the fresh proof (ASVS 8.4.2).

The network is the settings' (`RAADGIVNING_ADMINISTRATION_NET`), and never enough by itself. A browser that is new to
the user wants another proof in the very session that began in it, however fresh that is.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from sqlmodel import Session

from rådgivning.adgang.models import Enhed
from rådgivning.adgang.permissions import Ret, Rolle
from rådgivning.adgang.sessions import Sessionstilstand
from rådgivning.settings import Settings

ADMINISTRATION = frozenset({Ret.REGISTREREDE, Ret.BRUGERE, Ret.SPOR, Ret.RETTIGHEDER})


def er_administration(rolle: Rolle, retter: Collection[Ret]) -> bool:
    """Whether databeskyttelse is about to use what is hers alone: users, rights, requests, erasure, export, trail."""
    return rolle is Rolle.DATABESKYTTELSE and not ADMINISTRATION.isdisjoint(retter)


def fra_tilladt_net(settings: Settings, adresse: str) -> bool:
    """Whether administration may come from this address; an unknown one is none of the settings' networks."""
    if not settings.admin_net:
        return True
    try:
        parsed = ipaddress.ip_address(adresse)
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in net for net in settings.admin_net)


def ny_browser(session: Session, settings: Settings, tilstand: Sessionstilstand) -> bool:
    """Whether this session began in a browser where its user was not seen before, and nothing has been proved since.

    The very first of hers is not new: there is none to compare with. Nor is one that she has called hers meanwhile.
    """
    if not settings.ny_browser_bekræfter or tilstand.bekræftet is not None:
        return False
    if tilstand.enhed_id is None or tilstand.begyndt is None:
        return False
    device = session.get(Enhed, tilstand.enhed_id)
    return device is None or (device.godkendt is None and device.oprettet >= tilstand.begyndt)
