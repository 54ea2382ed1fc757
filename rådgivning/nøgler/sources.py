"""Where the keyring is read from: a systemd credential, a file, a command, or (in development only) the environment.

The first source that is there is used. A file may be locked with a passphrase; then it opens when the program starts.
"""

from __future__ import annotations

import fcntl
import glob
import os
import shlex
import stat
import subprocess  # nosec B404
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rådgivning.nøgler.errors import KeyMissing, KeyWrong
from rådgivning.nøgler.keyring import Keyring, parse_keyring
from rådgivning.nøgler.passphrase import is_locked, unlock
from rådgivning.settings import Settings

CREDENTIAL = "raadgivning.noegle"  # systemd takes ASCII names only
SÆTNING = "raadgivning.saetning"
_COMMAND_SECONDS = 30
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Kilde:
    """One source. `fil` is the file behind it, when there is one; only a file of our own is `skrivbar`."""

    navn: str
    læs: Callable[[], Keyring]
    fil: Path | None = None
    skrivbar: bool = False


def find_source(settings: Settings) -> Kilde:
    """The source this installation uses; reading it may still fail."""
    folder = settings.environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder) / CREDENTIAL if folder else None
    if credential is not None and credential.exists():
        return _file(settings, "legitimation fra systemd", credential, skrivbar=False)
    command = settings.environ.get("RAADGIVNING_KEY_COMMAND", "").strip()
    if settings.key_file.exists() or not (command or _in_environment(settings)):
        return _file(settings, "nøglefil", settings.key_file, skrivbar=True)
    if command:
        return Kilde("kommando", lambda: _from_command(command))
    return Kilde("miljøvariabel (kun til udvikling)", lambda: _from_environment(settings))


def passphrase_credential(settings: Settings) -> str | None:
    """The passphrase of a locked key file as systemd gives it to the units; None where it is not given."""
    folder = settings.environ.get("CREDENTIALS_DIRECTORY")
    try:
        return (Path(folder) / SÆTNING).read_text(encoding="utf-8").rstrip("\n") if folder else None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise KeyWrong(f"Legitimationen {SÆTNING} fra systemd kan ikke læses.") from None


def _file(settings: Settings, navn: str, path: Path, *, skrivbar: bool) -> Kilde:
    def læs() -> Keyring:
        return read_keyring(path, settings.instance, settings.passphrase, fra_systemd=not skrivbar)

    return Kilde(navn, læs, path, skrivbar)


def read_keyring(path: Path, data_folder: Path, passphrase: str | None = None, *, fra_systemd: bool = False) -> Keyring:
    """Read a key file; raises KeyMissing when there is none or its passphrase is not given, and KeyWrong when it cannot
    be used or is unsafe: when anybody may do anything with it but its owner read it.

    A credential may be root's and show 0440: systemd lets the service's user in by an ACL, whose mask is shown there.
    """
    if data_folder in path.parents:
        raise KeyWrong(f"Nøglefilen {path} ligger i datamappen. Flyt den ud, og sæt RAADGIVNING_KEY_FILE.")
    try:
        found = path.stat()
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeyMissing(
            f"Der er ingen nøglefil på {path}. Læg den tilbage fra gendannelsesarket, eller sæt RAADGIVNING_KEY_FILE."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise KeyWrong(f"Nøglefilen {path} kan ikke læses.") from None
    allowed = 0o440 if fra_systemd and found.st_uid == 0 else 0o400
    if stat.S_IMODE(found.st_mode) & ~allowed:
        raise KeyWrong(f"Nøglefilen {path} skal kunne læses af sin ejer og intet andet. Kør: chmod 0400 {path}")
    if found.st_uid not in (os.geteuid(), 0):
        raise KeyWrong(f"Nøglefilen {path} tilhører en anden bruger. Kør: chown {os.geteuid()} {path}")
    if is_locked(text):
        text = unlock(text, passphrase, str(path))
    return parse_keyring(text, str(path))


def _from_command(command: str) -> Keyring:
    try:
        done = subprocess.run(  # noqa: S603  # the administrator's own setting, without a shell  # nosec B603
            shlex.split(command), capture_output=True, timeout=_COMMAND_SECONDS, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        raise KeyMissing(
            "Kommandoen i RAADGIVNING_KEY_COMMAND gav ingen nøglering. Prøv den i en terminal som samme bruger."
        ) from None
    return parse_keyring(done.stdout[:_LARGEST].decode("utf-8", "replace"), "Svaret fra RAADGIVNING_KEY_COMMAND")


def _in_environment(settings: Settings) -> bool:
    return bool(settings.environ.get("RAADGIVNING_KEY"))


def _from_environment(settings: Settings) -> Keyring:
    if not settings.development:
        raise KeyWrong(
            "RAADGIVNING_KEY kan læses af andre processer og bruges kun med --udvikling. Læg nøglen i en fil."
        )
    return parse_keyring(settings.environ["RAADGIVNING_KEY"], "RAADGIVNING_KEY")


def write_new(path: Path, text: str) -> None:
    """Write a key file readable by its owner alone; raises FileExistsError rather than replace one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    _fill(descriptor, text)


def replace_text(path: Path, text: str) -> None:
    """Put another text in a key file's place at once: whoever reads meanwhile gets the one or the other, whole.

    One at a time, so that what a killed one has left, a keyring that may lack its lock, can be told and removed.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
            left.unlink(missing_ok=True)
        _replace(path, text)
        os.fsync(folder)
    finally:
        os.close(folder)


def _replace(path: Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        os.fchmod(descriptor, 0o400)
        _fill(descriptor, text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _fill(descriptor: int, text: str) -> None:
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
