"""How often a signed-in user may call pages: generous to hands, strict to a program that empties the place with them.

Counted in this process's memory, so that it costs no write and hardly any time. Each process counts for itself: with
N of them a user may get up to N times as much before all of them refuse her, and a restart forgets. What she read
stands in the trail either way; this only makes it slow.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from threading import Lock
from typing import Final

from rådgivning.settings import Settings

MANGE: Final = 5000
KLADDER: Final = (20, 200)
MINUT: Final = 60


class Tempo:
    """Two stores of calls for each user, one refilled over a minute and one over an hour; a call takes from both."""

    def __init__(self, minut: int, time: int) -> None:
        self._stores = ((float(minut), minut / 60), (float(time), time / 3600))
        self._users: dict[uuid.UUID, tuple[float, float, float]] = {}
        self._lock = Lock()

    def vent(self, bruger_id: uuid.UUID, nu: datetime) -> float:
        """Take one call; 0 when it may go on, else how many seconds until the next may, and nothing is taken."""
        at = nu.timestamp()
        with self._lock:
            known = self._users.get(bruger_id)
            if known is None and len(self._users) >= MANGE:
                self._forget(at)
            left = tuple(
                most if known is None else min(most, known[n] + max(0.0, at - known[2]) * rate)
                for n, (most, rate) in enumerate(self._stores)
            )
            wait = max((1 - have) / rate for have, (_most, rate) in zip(left, self._stores, strict=True))
            taken = 1 if wait <= 0 else 0
            self._users[bruger_id] = left[0] - taken, left[1] - taken, at
        return max(0.0, wait)

    def _forget(self, at: float) -> None:
        """Whoever has done nothing for an hour has full stores."""
        self._users = {who: kept for who, kept in self._users.items() if at - kept[2] < 3600}


class Grænser:
    """The stores of this process: of calls, of drafts kept for whoever is refused, and of the trail's words for it."""

    def __init__(self, settings: Settings) -> None:
        self.kald = Tempo(*settings.kald)
        self.kladder = Tempo(*KLADDER)
        self.noter = Tempo(1, MINUT)
