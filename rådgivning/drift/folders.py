"""Folders to work in, which hold a copy of a database for as long as that takes: never longer than to the next run.

A copy of the key store that a killed run left behind would outlive the erasures made after it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

KOPI, GENDAN, ØVELSE = ".kopi-", ".gendan-", ".øvelse-"


@contextlib.contextmanager
def working_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder that is gone afterwards. Whoever works in one holds its lock, which nobody keeps who is killed."""
    with _locked(parent):
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_left_behind(*parents: Path) -> None:
    """Remove the working folders of runs that were killed; those of runs that go on are left alone."""
    for parent in {path.resolve() for path in parents if path.is_dir()}:
        with _locked(parent):
            for folder in (path for prefix in (KOPI, GENDAN, ØVELSE) for path in parent.glob(f"{prefix}*")):
                with contextlib.suppress(OSError):
                    _remove_unlocked(folder)


def _remove_unlocked(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _locked(parent: Path) -> Iterator[None]:
    """Nobody else makes or removes working folders here meanwhile."""
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
