"""What waits for ever fails with a sentence, in a test and in the drills that start threads and servers."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bench.rotation import Browser
from tests.drift.server import environment
from tests.limit import højst, vent_på

SENTENCE = "Not ended after 0.1 seconds: it waits for something that does not come."


def test_a_wait_without_an_end_fails_with_a_sentence_also_when_a_pool_waits_again() -> None:
    outer = signal.getitimer(signal.ITIMER_REAL)[0]
    assert outer > 0, "this test has a limit of its own"
    with pytest.raises(pytest.fail.Exception, match=SENTENCE), højst(0.1):
        threading.Event().wait()
    go = threading.Event()
    with pytest.raises(pytest.fail.Exception, match=SENTENCE), højst(0.1), ThreadPoolExecutor(1) as pool:
        pool.submit(go.wait).result()
    go.set()
    assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= outer


def test_a_thread_that_never_ends_is_named() -> None:
    go = threading.Event()
    thread = threading.Thread(target=go.wait, name="den sene")
    thread.start()
    with pytest.raises(TimeoutError, match="den sene has not ended"):
        vent_på([thread], 0.1)
    go.set()
    vent_på([thread])


def test_a_run_whose_threads_never_end_is_ended_once_its_tests_are_over(tmp_path: Path) -> None:
    code = (
        "import threading, tests.limit\ntests.limit.AFTER_THE_LAST = 1\ntests.limit.end_soon()\n"
        "threading.Thread(target=threading.Event().wait).start()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), capture_output=True, check=False, timeout=60
    )
    assert (ended.returncode, b"Timeout (0:00:01)!" in ended.stderr) == (1, True)


def test_a_browser_that_cannot_sign_in_says_so_and_nobody_waits_for_it() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        browser = Browser(nobody.getsockname()[1], ("ingen", "intet"), [uuid.uuid4()], threading.Event())
        browser.start()
        assert browser.ready.wait(10)
        vent_på([browser], 10)
    assert browser.last.fejl == ["log-ind: ConnectionRefusedError"]
