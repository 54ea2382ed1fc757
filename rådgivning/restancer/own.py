"""What the one who filed a case may see of it: her own reports, and two answers when the resident lets them be shared.

Nothing else may be read off the page or off how it changes. So the reports are shown as she left them, whatever the
beboerrådgiver corrected since; the case has for her a version of its own, made of what she may see; and without a
valid consent every case says the same words, contact or not. Knows no Flask.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlmodel import Session, col

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import RETTIGHEDER, IkkeFundet, Ret, Rolle, hent
from rådgivning.beboere.residents import acting
from rådgivning.database import now
from rådgivning.nøgler.opening import Dør, open_many, open_whole_many
from rådgivning.restancer import cases
from rådgivning.restancer.corrections import KAN_RETTES
from rådgivning.restancer.models import Hændelse, Restanceliste, Restancesag, RestancesagData
from rådgivning.restancer.phases import FASER, Fase, Tilstand, lukkefase, tilstand
from rådgivning.restancer.storing import changed, open_locked
from rådgivning.restancer.worklist import page
from rådgivning.samtykker.sharing import må_deles_for
from rådgivning.spor.trail import hold

REPORTED = {"navn", "telefon", "adresse", "lejemål", "afdeling", "måneder", "beløb"}
"""What a reporter wrote herself; everything else in the envelope is the beboerrådgiver's."""
DELT = "delt med samtykke"
_VERSIONS = 999_999_937


@dataclass(frozen=True)
class Delt:
    """What the resident lets the filer know: yes or no, without a day and without who."""

    kontakt: bool
    aftale: bool


@dataclass(frozen=True)
class EgenSag:
    """A case for the one who filed it. `data` is None when the resident is erased, `delt` without a consent."""

    sag: Restancesag
    data: RestancesagData | None
    stand: Tilstand
    delt: Delt | None = None

    @property
    def fase(self) -> Fase:
        """The phase her own reports lead to."""
        return FASER[self.stand.fase]


def egne_sager(session: Session, boligorganisation: str, side: int) -> tuple[list[EgenSag], int]:
    """One page of the cases the actor filed, newest first: the deadline may be from another's event."""
    helhedsplan_id, bruger_id = acting(session)
    where = [
        col(Restancesag.helhedsplan_id) == helhedsplan_id,
        col(Restancesag.ejer_id) == bruger_id,
        col(Restancesag.boligorganisation) == boligorganisation,
    ]
    rows, sider = page(session, where, (col(Restancesag.oprettet).desc(), col(Restancesag.id)), side)
    return _seen(session, rows, "egne restancesager"), sider


def hent_egen_sag(session: Session, id: uuid.UUID, boligorganisation: str) -> Restancesag:  # noqa: A002
    """The actor's own case; raises IkkeFundet for everybody else's, and for one filed for another organisation."""
    sag = hent(session, Restancesag, id, egen=True)
    if sag.boligorganisation != boligorganisation:
        raise IkkeFundet("restancesag", id, fremmed=True)
    return sag


def vis_egen_sag(session: Session, sag: Restancesag) -> EgenSag:
    """One case for the one who filed it."""
    return _seen(session, [sag], "egen restancesag")[0]


def ret_egen_sag(
    session: Session,
    id: uuid.UUID,  # noqa: A002
    ændringer: Mapping[str, Any],
    version: int,
) -> Restancesag:
    """Save what the filer corrected; raises SagÆndret only when what she may see has changed meanwhile."""
    hold(session)
    sag, data = cases.hent_sag(session, id)
    if egen_version(data) != version:
        raise cases.SagÆndret(egen_version(data), RestancesagData(**data.model_dump(include=REPORTED)))
    return cases.ret_sag(session, id, ændringer, sag.version)


def annullér_egen(session: Session, id: uuid.UUID, trin: uuid.UUID) -> Restancesag:  # noqa: A002
    """Take an own report back, also one the beboerrådgiver has annulled already: the filer, who does not know, sees her
    own annulment and nothing else."""
    sag, data = open_locked(session, id)
    for place, h in enumerate(data.hændelser):
        if h.id == trin and h.annulleret:
            history = [*h.tidligere, h.model_copy(update={"tidligere": []})]
            stamp = {"rettet": now(), "rettet_af": acting(session)[1], "tidligere": history}
            data.hændelser[place] = h.model_copy(update=stamp)
            return changed(session, sag, data, "hændelse annulleret")
    return cases.annullér_hændelse(session, id, trin)


def egen_version(data: RestancesagData) -> int:
    """A number that changes with what the filer may see and with nothing else: the row's own counts every attempt at
    contact, and would tell her of it."""
    text = data.model_dump_json(include=REPORTED)
    return 1 + int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % _VERSIONS


def er_indberettet(session: Session, row: Restancesag | Restanceliste) -> bool:
    """Whether the landlord filed the case or sent the list, and not the beboerrådgiver."""
    ejer = session.get(Bruger, row.ejer_id)
    return ejer is not None and Ret.RESTANCER not in RETTIGHEDER[Rolle(ejer.rolle)]


def delt_nu(session: Session, sag: Restancesag, data: RestancesagData) -> Delt | None:
    """What the filer of a case can see of it this moment; None when the resident has not consented."""
    return _shared(data) if må_deles_for(session, [sag.beboer_id]) else None


def sæt_aftale_på_vej(session: Session, id: uuid.UUID, svar: bool) -> Restancesag:  # noqa: A002
    """Write down whether an agreement is on its way; the same answer again changes nothing."""
    hold(session)
    sag, data = cases.hent_sag(session, id)
    if data.aftale_på_vej is svar:
        return sag
    return cases.ret_sag(session, id, {"aftale_på_vej": svar}, sag.version)


def som_meldt(hændelser: Sequence[Hændelse], bruger_id: uuid.UUID) -> list[Hændelse]:
    """A user's own events as she left them: a correction or an annulment by somebody else is not hers to see, nor which
    end a payment counts as after steps that others wrote."""
    own = [_as_left(h, bruger_id) for h in hændelser if h.af == bruger_id]
    nået = tilstand([h for h in own if not h.udfald]).nået
    return [h.model_copy(update={"fase": lukkefase(h.udfald, nået)}) if h.udfald else h for h in own]


def _as_left(hændelse: Hændelse, bruger_id: uuid.UUID) -> Hændelse:
    versions = [*hændelse.tidligere, hændelse]
    hers = [h for h in versions if h.rettet_af in {None, bruger_id}]
    dropped = any(b.rettet_af == bruger_id and _annuls(a, b) for a, b in pairwise(versions))
    return hers[-1].model_copy(update={"annulleret": dropped, "tidligere": []})


def _annuls(before: Hændelse, after: Hændelse) -> bool:
    """Whether the change was an annulment: of what still counted, or once more of what did not."""
    same = all(getattr(before, name) == getattr(after, name) for name in KAN_RETTES)
    return after.annulleret and (same or not before.annulleret)


def _seen(session: Session, rows: Sequence[Restancesag], anledning: str) -> list[EgenSag]:
    """The cases as the actor may see them. Those with something shared are opened, and stand in the trail, apart."""
    bruger_id = acting(session)[1]
    consenting = må_deles_for(session, [row.beboer_id for row in rows])
    shared = [row for row in rows if row.beboer_id in consenting]
    data = open_whole_many(session, shared, RestancesagData, f"{anledning}, {DELT}", Dør.SAMTYKKE)
    data |= open_many(session, [row for row in rows if row.beboer_id not in consenting], RestancesagData, anledning)
    return [_own(row, data.get(row.id), bruger_id, deles=row.beboer_id in consenting) for row in rows]


def _own(sag: Restancesag, data: RestancesagData | None, bruger_id: uuid.UUID, *, deles: bool) -> EgenSag:
    """What she reported herself, the state that follows from that alone, and what is shared."""
    if data is None:
        return EgenSag(sag, None, Tilstand("forfalden", "forfalden"))
    own = som_meldt(data.hændelser, bruger_id)
    stand = tilstand(own)
    seen = RestancesagData(**data.model_dump(include=REPORTED), hændelser=own, udfald=stand.udfald)
    return EgenSag(sag, seen, stand, _shared(data) if deles else None)


def _shared(data: RestancesagData) -> Delt:
    return Delt(kontakt=data.kontaktet is not None, aftale=bool(data.aftale_på_vej))
