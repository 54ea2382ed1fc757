"""The one order in which rows about signing in are locked, so that no two requests wait for each other in a ring.

First the user (of several, the one with the lowest id), then what she has begun and her sessions, then her factors and
the counters of attempts, and the trail's chain last. Who takes the chain early, by `trail.hold`, has before that locked
every user she will need. Whoever decides by a user's password, by whether she is blocked, or by which factors she has,
holds her row until it is written what came of it: a password that is being replaced opens nothing meanwhile.
"""

from __future__ import annotations

import uuid

from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger


def lås_bruger(session: Session, bruger_id: uuid.UUID, *, nøgle: bool = False) -> Bruger:
    """The user as she is now, locked until the transaction ends. Raises NoResultFound when there is none.

    Not against rows that refer to her (FOR NO KEY UPDATE): a draft is saved while she signs in elsewhere. With `nøgle`
    against those too, by whoever is going to change her user name, which is a key.
    """
    query = select(Bruger).where(Bruger.id == bruger_id).with_for_update(key_share=not nøgle)
    return session.exec(query.execution_options(populate_existing=True)).one()
