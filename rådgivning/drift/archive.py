"""A backup file: a tar stream encrypted with age to the backup key, so that the machine that writes it cannot read it.

Everything streams: encryption runs in a thread beside what makes or takes the tar, and no plain copy is kept. While a
file is written, it is also encrypted to a key that lives only in this process: with it the file is read back and
checked, and then nobody has that key any more.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

import pyrage
from pydantic import BaseModel, ConfigDict, ValidationError
from pyrage import x25519

MANIFEST = "indhold.json"
_SUMS = "summer.json"
FORMAT = 1


class ArkivFejl(Exception):
    """A backup file cannot be written or read; one Danish sentence says what to do."""


class Indhold(BaseModel):
    """What a backup file says of itself. `rækker` counts rows by table; `slettet` are the ids erased for good;
    `nøgler` the check values of the roots it was written with, in hex."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    format: int = FORMAT
    slags: str
    motor: str
    skema: str
    taget: str
    rækker: dict[str, int]
    kolonner: dict[str, list[str]]
    slettet: list[str] = []
    nøgler: dict[int, str] = {}


class Skriver:
    """Adds members to a backup and remembers their checksums."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._sums: dict[str, str] = {}

    def add(self, name: str, source: IO[bytes], size: int) -> None:
        """A member of `size` bytes read from `source`."""
        counted = _Summing(source)
        info = tarfile.TarInfo(name)
        info.size = size
        info.mode = 0o600
        self._tar.addfile(info, cast("IO[bytes]", counted))
        self._sums[name] = counted.hexdigest()

    def add_bytes(self, name: str, data: bytes) -> None:
        """A member that is in memory."""
        self.add(name, io.BytesIO(data), len(data))

    def finish(self) -> None:
        """The checksums, last: a file without them is not whole."""
        self.add_bytes(_SUMS, json.dumps(self._sums).encode())


class _Summing:
    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._source.read(size)
        self._sum.update(part)
        return part

    def hexdigest(self) -> str:
        return self._sum.hexdigest()


def recipients(text: str) -> list[x25519.Recipient]:
    """The backup's public keys, separated by commas; raises ArkivFejl."""
    try:
        found = [x25519.Recipient.from_str(part.strip()) for part in text.split(",") if part.strip()]
    except pyrage.RecipientError:
        found = []
    if not found:
        raise ArkivFejl(
            "RAADGIVNING_BACKUP_MODTAGER skal være en offentlig nøgle (age1…). Lav en: raadgivning backup nøgle"
        )
    return found


def identities(path: Path) -> list[x25519.Identity]:
    """The secret keys in a file, one a line; raises ArkivFejl."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        found = []
    if not found:
        raise ArkivFejl(f"{path} har ingen hemmelig backupnøgle (AGE-SECRET-KEY-…).")
    return found


def write(path: Path, til: Sequence[x25519.Recipient], fill: Callable[[Skriver], Indhold]) -> Indhold:
    """Write a backup under another name, read it back whole, and only then give it its name.

    `fill` adds the members and gives the manifest. Raises ArkivFejl, and leaves no file, when anything is wrong.
    """
    own = x25519.Identity.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(path.name + ".halv")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            indhold = _encrypted(out, [*til, own.to_public()], fill)
            out.flush()
            os.fsync(out.fileno())
        if read(half, [own], lambda _name, _member: None) != indhold:
            raise ArkivFejl(f"{path.name} kunne ikke læses tilbage, som den blev skrevet. Prøv igen, og tjek disken.")
        half.replace(path)
    except OSError:
        raise ArkivFejl(f"{path.parent} kan ikke skrives til, eller disken er fuld.") from None
    finally:
        half.unlink(missing_ok=True)
    return indhold


def _encrypted(out: io.BufferedWriter, til: Sequence[x25519.Recipient], fill: Callable[[Skriver], Indhold]) -> Indhold:
    with (
        _worker(lambda reader: pyrage.encrypt_io(reader, out, list(til)), reads=True) as pipe,
        tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        writer = Skriver(tar)
        indhold = fill(writer)
        writer.add_bytes(MANIFEST, indhold.model_dump_json().encode())
        writer.finish()
    return indhold


def read(path: Path, med: Sequence[x25519.Identity], take: Callable[[str, IO[bytes]], None]) -> Indhold:
    """Read a backup from end to end; `take` gets each member as a stream. Raises ArkivFejl.

    What `take` has put somewhere may be used only when this returns.
    """
    reader = _Læser(take)
    try:
        with (
            path.open("rb") as source,
            _worker(lambda out: pyrage.decrypt_io(source, out, list(med)), reads=False) as pipe,
            tarfile.open(fileobj=pipe, mode="r|") as tar,
        ):
            for info in tar:
                reader.member(info.name, cast("IO[bytes]", tar.extractfile(info)))
            while pipe.read(1 << 20):
                pass
    except pyrage.DecryptError:
        raise ArkivFejl(f"Backupnøglen passer ikke til {path.name}.") from None
    except FileNotFoundError:
        raise ArkivFejl(f"Der er ingen fil {path}.") from None
    except (OSError, tarfile.TarError, ValidationError, ValueError, EOFError):
        raise ArkivFejl(f"{path.name} er afkortet, beskadiget eller ikke en sikkerhedskopi. Brug en anden.") from None
    if reader.indhold is None or reader.told != reader.sums:
        raise ArkivFejl(f"{path.name} er ikke hel. Brug en anden.")
    return reader.indhold


class _Læser:
    """Takes a backup's members and works their checksums out."""

    def __init__(self, take: Callable[[str, IO[bytes]], None]) -> None:
        self._take = take
        self.sums: dict[str, str] = {}
        self.told: dict[str, str] | None = None
        self.indhold: Indhold | None = None

    def member(self, name: str, source: IO[bytes]) -> None:
        """The next one."""
        counted = _Summing(source)
        if name == _SUMS:
            self.told = json.loads(counted.read())
            return
        if name == MANIFEST:
            self.indhold = Indhold.model_validate_json(counted.read())
        else:
            self._take(name, cast("IO[bytes]", counted))
            while counted.read(1 << 20):
                pass
        self.sums[name] = counted.hexdigest()


@contextlib.contextmanager
def _worker(work: Callable[[Any], object], *, reads: bool) -> Iterator[IO[bytes]]:
    """A pipe whose other end a thread reads from (or writes to). Its error, the more telling one, is raised here."""
    reading, writing = os.pipe()
    theirs, ours = (
        (os.fdopen(reading, "rb"), os.fdopen(writing, "wb"))
        if reads
        else (os.fdopen(writing, "wb"), os.fdopen(reading, "rb"))
    )
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with theirs:
                work(theirs)
        except BaseException as error:  # noqa: BLE001  # told to whoever waits for this thread
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with ours:
            yield ours
    except Exception as error:  # noqa: BLE001  # raised again, or the thread's own error instead
        thread.join()
        raise (failed[0] if failed and not isinstance(failed[0], BrokenPipeError) else error) from None
    thread.join()
    if failed:
        raise failed[0]
