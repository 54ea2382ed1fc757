"""Which tenancy a restancesag belongs to, and whether children live there. Knows no Flask.

A tenancy is looked for within the case's own boligorganisation and nowhere else (domæne.md 5.9).
"""

from __future__ import annotations

import uuid

from sqlmodel import Session

from rådgivning.adgang.permissions import hent
from rådgivning.beboere import households
from rådgivning.beboere.models import LejemålData
from rådgivning.nøgler.opening import Dør, open_whole_many
from rådgivning.nøgler.restriction import kræv_ubegrænsede, restricted
from rådgivning.restancer.models import Restancesag, RestancesagData
from rådgivning.restancer.storing import changed, open_locked
from rådgivning.spor.trail import hold


def knyt_lejemål(session: Session, sag_id: uuid.UUID) -> uuid.UUID | None:
    """Let the case belong to the tenancy whose number it bears (registered when it is new), else to the one its
    resident lives in. A resident who lives nowhere yet lives there from now on. None when there is neither. Raises
    Begrænset for a restricted resident's case."""
    hold(session)
    sag = _changeable(session, sag_id)
    data = open_whole_many(session, [sag], RestancesagData, "knyt til husstand", Dør.RESTANCESAG).get(sag_id)
    if data is None:
        return None
    lejemål_id = _tenancy(session, sag, data)
    if lejemål_id is None:
        return None
    known = households.husstande(session)
    if sag.beboer_id is not None and sag.beboer_id not in known.for_beboer:
        households.flyt_ind(session, sag.beboer_id, lejemål_id)
    households.knyt_sag(session, lejemål_id, sag_id)
    home = households.husstande(session).poster[lejemål_id]
    if home.børn_i_husstanden is None and not restricted(session, home.medlemmer):
        households.sæt_børn(session, lejemål_id, data.børn_i_husstanden)
    if data.løst_fra_lejemål:
        _keep(session, sag_id, data.børn_i_husstanden, løst=False)
    return lejemål_id


def _tenancy(session: Session, sag: Restancesag, data: RestancesagData) -> uuid.UUID | None:
    if households.nøgle(data.lejemål):
        return households.find_eller_opret(
            session,
            boligorganisation=sag.boligorganisation,
            nummer=data.lejemål,
            adresse=data.adresse,
            afdeling=data.afdeling,
        )
    known = households.husstande(session)
    home = known.for_beboer.get(sag.beboer_id) if sag.beboer_id else None
    return home if home and known.poster[home].boligorganisation == sag.boligorganisation else None


def løs_lejemål(session: Session, sag_id: uuid.UUID) -> None:
    """The case belongs to no tenancy any more, and finds none by itself; the household's answer about children stays
    with the case. Raises Begrænset as knyt_lejemål."""
    hold(session)
    _changeable(session, sag_id)
    home = households.sagens_lejemål(session, sag_id, "ret husstand")
    if home is None:
        return
    households.løs_sag(session, sag_id)
    _keep(session, sag_id, home[1].børn_i_husstanden, løst=True)


def sæt_børn(session: Session, sag_id: uuid.UUID, børn: bool | None) -> None:
    """Whether children under 18 live in the household: the tenancy's answer where the case has one, else the case's."""
    hold(session)
    hent(session, Restancesag, sag_id)
    home = households.husstande(session).for_sag.get(sag_id)
    if home is not None:
        households.sæt_børn(session, home, børn)
    _keep(session, sag_id, børn)


def _changeable(session: Session, sag_id: uuid.UUID) -> Restancesag:
    """The case, unless it is a restricted resident's: the tenancy it belongs to is sealed under no key of hers."""
    sag = hent(session, Restancesag, sag_id)
    kræv_ubegrænsede(session, [sag.beboer_id] if sag.beboer_id else [])
    return sag


def _keep(session: Session, sag_id: uuid.UUID, børn: bool | None, *, løst: bool | None = None) -> None:
    sag, data = open_locked(session, sag_id)
    løst = data.løst_fra_lejemål if løst is None else løst
    if data.børn_i_husstanden is not børn or data.løst_fra_lejemål is not løst:
        data.børn_i_husstanden, data.løst_fra_lejemål = børn, løst
        changed(session, sag, data, "husstand")


def sagens_husstand(session: Session, sag: Restancesag) -> tuple[uuid.UUID, LejemålData] | None:
    """The tenancy a case belongs to, for its page."""
    return households.sagens_lejemål(session, sag.id)


def nummeret_findes(session: Session, sag: Restancesag, data: RestancesagData) -> bool:
    """Whether the number the case bears is a known tenancy's of the same boligorganisation."""
    return households.find_lejemål(session, sag.boligorganisation, data.lejemål) is not None


def har_andet_nummer(lejemål: LejemålData, data: RestancesagData) -> bool:
    """Whether the case bears another number than the tenancy it belongs to."""
    ours, theirs = households.nøgle(data.lejemål), households.nøgle(lejemål.nummer)
    return bool(ours and theirs) and ours != theirs
