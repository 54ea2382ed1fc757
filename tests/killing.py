"""kill -9 at a random point of some work, and what may lie on disk afterwards: shared by every drill that kills.

The work runs in a process of its own. It is killed some moments after it has begun, or, so that the short moments
between two steps are met as well, at its n-th step: a file opened, renamed or removed, a statement sent, a commit.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, event

from rådgivning.drift.kommandoer import main
from rådgivning.settings import Settings

Begyndt = Callable[[], None]
Arbejde = Callable[[Begyndt], object]
"""Something to be killed in the middle of; it calls what it is given when it begins what the drill is about."""
_STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect"}
_CRASHED = 70


@dataclass(frozen=True)
class Punkt:
    """Where to kill: so many seconds after the beginning, or at a step (counted from 1)."""

    sekunder: float | None = None
    skridt: int | None = None


@dataclass(frozen=True)
class Slut:
    """How a process ended. `kode` counts when it was not killed; `skridt` and `sekunder` are of the whole run."""

    dræbt: bool
    kode: int
    sagt: str
    skridt: int
    sekunder: float


def verbum(settings: Settings, *args: str) -> Arbejde:
    """A verb of the program on an instance, as somebody would type it."""

    def work(begun: Begyndt) -> int:
        for name in [name for name in os.environ if name.startswith("RAADGIVNING_")]:
            del os.environ[name]
        os.environ.update(
            RAADGIVNING_INSTANCE=str(settings.instance),
            RAADGIVNING_KEY_FILE=str(settings.key_file),
            RAADGIVNING_DATABASE_URL=settings.database_url,
            RAADGIVNING_KEYSTORE_URL=settings.keystore_url,
            RAADGIVNING_HTTPS="0",
        )
        begun()
        return main(args)

    return work


def punkter(work: Callable[[], Arbejde], antal: int, seed: int) -> Iterator[Punkt]:
    """Random points of a work, by time and by step in turns; measured on a whole run of it, made first."""
    whole = proces(work())
    assert whole.kode == 0, whole.sagt
    draw = random.Random(seed)
    for number in range(antal):
        if number % 2:
            yield Punkt(sekunder=draw.uniform(0, whole.sekunder))
        else:
            yield Punkt(skridt=draw.randint(1, whole.skridt))


def proces(work: Arbejde, punkt: Punkt = Punkt(), midlertidig: Path | None = None) -> Slut:
    """Run a work in a process of its own, killed at `punkt` if it gets there. `midlertidig`: where it may put
    temporary files."""
    said = os.memfd_create("sagt")
    counted = os.memfd_create("skridt")
    ready, begun = os.pipe()
    child = os.fork()
    if child == 0:
        _child(work, punkt, midlertidig, said, counted, begun)
    os.close(begun)
    os.read(ready, 1)
    os.close(ready)
    start = time.monotonic()
    if punkt.sekunder is not None:
        time.sleep(punkt.sekunder)
        os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    spent = time.monotonic() - start
    with os.fdopen(said, encoding="utf-8") as text, os.fdopen(counted, encoding="utf-8") as number:
        text.seek(0)
        number.seek(0)
        dræbt = os.WIFSIGNALED(status)
        kode = -1 if dræbt else os.WEXITSTATUS(status)
        return Slut(dræbt, kode, text.read(), int(number.read() or 0), spent)


def _child(work: Arbejde, punkt: Punkt, folder: Path | None, said: int, counted: int, begun: int) -> None:
    kode = _CRASHED
    try:
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdout = sys.stderr = os.fdopen(os.dup(said), "w", encoding="utf-8", buffering=1)
        if folder is not None:
            tempfile.tempdir = str(folder)
            os.environ.update(TMPDIR=str(folder), SQLITE_TMPDIR=str(folder))
        steps = _Skridt(punkt.skridt)

        def begin() -> None:
            os.write(begun, b"x")
            steps.begin()

        kode = int(work(begin) or 0)  # type: ignore[call-overload]
        os.write(counted, str(steps.antal).encode())
    except BaseException:  # noqa: BLE001  # told to whoever waits for this process
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(kode)


class _Skridt:
    """Counts this process's steps, and ends it at one of them."""

    def __init__(self, sidste: int | None) -> None:
        self.antal, self._last, self._begun = 0, sidste, False

    def begin(self) -> None:
        """Count from here on."""
        if self._begun:
            return
        self._begun = True
        sys.addaudithook(lambda name, _args: self._step() if name in _STEPS else None)
        event.listen(Engine, "before_cursor_execute", lambda *_args: self._step())
        event.listen(Engine, "commit", lambda *_args: self._step())

    def _step(self) -> None:
        self.antal += 1
        if self.antal == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def klartekst(mapper: Iterable[Path], ord_: Iterable[str]) -> list[str]:
    """Which of these words stand, in UTF-8, in a file under these folders or in its name: "file: word"."""
    pattern = re.compile(b"|".join(re.escape(word.encode()) for word in sorted(ord_, key=len, reverse=True)))
    found = []
    for path in (path for folder in mapper for path in folder.rglob("*")):
        content = os.fsencode(path.name)
        if path.is_file() and not path.is_socket():
            with contextlib.suppress(FileNotFoundError):  # a server may tidy up meanwhile
                content += b"\0" + path.read_bytes()
        found += [f"{path}: {hit.decode()}" for hit in sorted(set(pattern.findall(content)))]
    return found
