"""The one order in which rows about signing in are locked, so that no two requests wait for each other in a ring.

First the user, then what she has begun and her sessions, then her factors and the counters of attempts, and the trail's
chain last. Whoever decides by a user's password, by whether she is blocked, or by which factors she has, holds her row
until it is written what came of it: a password that is being replaced opens nothing meanwhile.
"""

from __future__ import annotations

import uuid

from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger


def lås_bruger(session: Session, bruger_id: uuid.UUID) -> Bruger:
    """The user as she is now, locked until the transaction ends. Raises NoResultFound when there is none.

    Not against rows that refer to her (FOR NO KEY UPDATE): a draft is saved while she signs in elsewhere.
    """
    query = select(Bruger).where(Bruger.id == bruger_id).with_for_update(key_share=True)
    return session.exec(query.execution_options(populate_existing=True)).one()
