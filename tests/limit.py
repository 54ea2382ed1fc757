"""No test waits for ever: what has not ended in time fails with a sentence, wherever it stands still."""

from __future__ import annotations

import contextlib
import faulthandler
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from types import FrameType

import pytest

AFTER_THE_LAST = 120
"""Seconds a run has to end in once its tests are over; threads that are waited for in vain end with it."""


@contextlib.contextmanager
def højst(sekunder: float) -> Iterator[None]:
    """Fail the test that still runs in here after so many seconds, and again while something catches it."""

    def late(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"Not ended after {sekunder:g} seconds: it waits for something that does not come.")

    before = signal.signal(signal.SIGALRM, late)
    left, again = signal.setitimer(signal.ITIMER_REAL, sekunder, min(sekunder, 10))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, again)
        signal.signal(signal.SIGALRM, before)


def end_soon() -> None:
    """Called when the last test is over: show where every thread stands, and end, if the run is not over by itself."""
    faulthandler.dump_traceback_later(AFTER_THE_LAST, exit=True, file=2)


def vent_på(tråde: Sequence[threading.Thread], sekunder: float = 300) -> None:
    """Join every thread. Raises TimeoutError for one that has not ended."""
    end = time.monotonic() + sekunder
    for tråd in tråde:
        tråd.join(max(0, end - time.monotonic()))
        if tråd.is_alive():
            raise TimeoutError(f"{tråd.name} has not ended after {sekunder:g} seconds")
