"""The machine: who may read the files, whether disk, swap and memory are encrypted, core dumps, clock and Python.

What the kernel does not tell an ordinary process is said to be unseen, not to be well.
"""

from __future__ import annotations

import ctypes
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from rådgivning.database import today
from rådgivning.drift.fund import Fund, advarsel, fejl, ok
from rådgivning.settings import Settings

_UNSEEN: Final = "kan ikke ses herfra"
_TIME_ERROR: Final = 5
_PYTHON: Final = {(3, 11): date(2027, 10, 31), (3, 12): date(2028, 10, 31), (3, 13): date(2029, 10, 31),
                  (3, 14): date(2030, 10, 31)}  # fmt: skip


@dataclass(frozen=True)
class Maskine:
    """The machine whose /proc, /sys and /dev lie under `rod`."""

    rod: Path = Path("/")

    def læs(self, sti: str) -> str | None:
        """A file of the kernel's; None when it is not there or may not be read."""
        try:
            return (self.rod / sti).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def krypteret(self, enhed: str) -> bool | None:
        """Whether a block device (a path under /sys) lies on dm-crypt wholly; None when it is not shown."""
        folder = self.rod / enhed
        if not folder.exists():
            return None
        if (self.læs(f"{enhed}/dm/uuid") or "").startswith("CRYPT-"):
            return True
        below = sorted((folder / "slaves").iterdir()) if (folder / "slaves").is_dir() else []
        return bool(below) and all(self.krypteret(f"sys/class/block/{one.name}") for one in below)


def tjek_filer(settings: Settings) -> Iterator[Fund]:
    """The instance folder, the key file and the backups' folders: one owner, and nobody else may look."""
    places = {"instansmappe": settings.instance}
    if settings.key_file.exists():
        places["nøglefil"] = settings.key_file
    else:
        yield ok("nøglefil", "ligger ikke som fil; nøglen kommer fra systemd eller en kommando")
    for emne, name in (("datakopier", "MAPPE"), ("nøglekopier", "KEY_MAPPE")):
        if folder := settings.environ.get(f"RAADGIVNING_BACKUP_{name}"):
            places[emne] = Path(folder)
    owner = settings.instance.stat().st_uid if settings.instance.exists() else os.geteuid()
    for emne, path in places.items():
        yield _place(emne, path, owner)


def _place(emne: str, path: Path, owner: int) -> Fund:
    try:
        found = path.stat()
    except OSError:
        return fejl(emne, f"{path} kan ikke ses. Lav den, eller ret indstillingen.")
    wanted = "0700" if stat.S_ISDIR(found.st_mode) else "0400"
    if stat.S_IMODE(found.st_mode) & 0o077:
        return fejl(emne, f"{path} kan læses af andre. Kør: chmod {wanted} {path}")
    if wanted == "0400" and stat.S_IMODE(found.st_mode) & ~0o400:
        return fejl(emne, f"{path} kan ændres af sin ejer. Kør: chmod {wanted} {path}")
    if found.st_uid not in {owner, 0}:
        return fejl(emne, f"{path} ejes af en anden bruger end instansen. Kør: chown {owner} {path}")
    try:
        other = [one for one in path.iterdir() if one.lstat().st_uid != owner] if path.is_dir() else []
    except OSError:
        return advarsel(emne, f"Filerne i {path} {_UNSEEN}. Kør tjekket som programmets bruger.")
    if other:
        return fejl(emne, f"{len(other)} filer i {path} ejes af en anden. Kør: chown -R {owner} {path}")
    return ok(emne, "kun ejeren kan læse")


def tjek_disk(settings: Settings, maskine: Maskine) -> Iterator[Fund]:
    """The disk under the instance, and every swap area."""
    device = settings.instance.stat().st_dev
    encrypted = maskine.krypteret(f"sys/dev/block/{os.major(device)}:{os.minor(device)}")
    if encrypted is None:
        yield advarsel("disk", f"Om disken er krypteret, {_UNSEEN}. Se efter hos den, der driver maskinen.")
    elif encrypted:
        yield ok("disk", "krypteret")
    else:
        yield advarsel(
            "disk", "Disken er ikke krypteret herfra. Brug LUKS, eller få udbyderens ord for, at den er det."
        )
    text = maskine.læs("proc/swaps")
    areas = [line.split()[0] for line in (text or "").splitlines()[1:] if line.strip()]
    clear = [area for area in areas if not _swap_is_safe(area, maskine)]
    if text is None:
        yield advarsel("swap", f"Om der er swap, {_UNSEEN}.")
    elif clear:
        yield fejl("swap", f"{', '.join(clear)} er ikke krypteret, og hukommelsen kan ende der. Slå den fra.")
    else:
        yield ok("swap", "krypteret" if areas else "ingen")


def _swap_is_safe(area: str, maskine: Maskine) -> bool:
    name = Path(area).name
    if name.startswith("zram"):
        return (maskine.læs(f"sys/class/block/{name}/backing_dev") or "none").strip() == "none"
    return maskine.krypteret(f"sys/class/block/{name}") is True


def tjek_kerne(maskine: Maskine) -> Iterator[Fund]:
    """Core dumps of the running server, memory encryption, the clock, Python's own age."""
    yield _core(maskine)
    yield _memory(maskine)
    yield clock_state(_clock())
    yield python_age(sys.version_info[:2])


def _core(maskine: Maskine) -> Fund:
    for folder in sorted((maskine.rod / "proc").glob("[0-9]*")):
        words = (maskine.læs(f"proc/{folder.name}/cmdline") or "").split("\0")
        if "start" not in words or not any(word.endswith(("raadgivning", "rådgivning.drift")) for word in words):
            continue
        limits = re.search(r"(?m)^Max core file size\s+(\S+)\s+(\S+)", maskine.læs(f"proc/{folder.name}/limits") or "")
        if limits and limits.groups() == ("0", "0"):
            return ok("hukommelsesdump", "slået fra for serveren")
        if limits:
            return fejl("hukommelsesdump", "Serveren må skrive sin hukommelse på disken. Sæt LimitCORE=0 i dens enhed.")
    return advarsel("hukommelsesdump", f"Serverens grænse {_UNSEEN}. Sæt LimitCORE=0 i dens enhed.")


def _memory(maskine: Maskine) -> Fund:
    """What the processor can, and what the kernel is known to have switched on (ASVS V11.7.1)."""
    line = re.search(r"(?m)^flags\s*:(.*)$", maskine.læs("proc/cpuinfo") or "")
    flags = set(line[1].split()) if line else set()
    can = sorted(flags & {"sme", "sev", "sev_es", "sev_snp", "tme", "tdx_guest"})
    log = "\n".join(filter(None, (maskine.læs("var/log/dmesg"), maskine.læs("var/log/kern.log"))))
    active = [name for name in ("sev-guest", "tdx_guest") if (maskine.rod / "dev" / name).exists()]
    if "sme" in can and "mem_encrypt=on" in (maskine.læs("proc/cmdline") or "").split():
        active.append("SME")
    active += re.findall(r"Memory Encryption Features active: ([\w -]+)", log)[-1:]
    if "tdx_guest" in can or re.search(r"x86/tme: enabled by BIOS", log):
        active.append("TDX" if "tdx_guest" in can else "TME")
    if active:
        return ok("krypteret hukommelse", f"slået til ({', '.join(dict.fromkeys(active))})")
    if can:
        said = f"Processoren kan ({', '.join(can)}), men om det er slået til, {_UNSEEN}"
        return advarsel("krypteret hukommelse", f"{said}. Se: dmesg | grep -i -e 'memory encryption' -e tme")
    return advarsel("krypteret hukommelse", "Processoren viser ingen. Vælg en maskine med SEV-SNP, TDX, SME eller TME.")


def _clock() -> int:
    """The kernel's own word on its clock, whichever service keeps it; -1 when it may not be asked."""
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)))
    except (OSError, AttributeError):
        return -1


def clock_state(state: int) -> Fund:
    """What adjtimex answered, in words."""
    if state == -1:
        return advarsel("ur", f"Om uret holdes rigtigt, {_UNSEEN}.")
    if state == _TIME_ERROR:
        return fejl("ur", "Uret holdes ikke rigtigt. Slå systemd-timesyncd eller chrony til.")
    return ok("ur", "holdes rigtigt over nettet")


def python_age(version: tuple[int, ...]) -> Fund:
    """Whether this Python still gets security fixes."""
    ends, name = _PYTHON.get((version[0], version[1])), ".".join(map(str, version))
    if ends is None:
        return advarsel("Python", f"Python {name} er programmet ikke prøvet med. Brug 3.11 til 3.14.")
    left = (ends - today()).days
    if left < 0:
        return fejl("Python", f"Python {name} får ikke rettelser mere. Skift til en nyere.")
    if left < 180:
        return advarsel("Python", f"Python {name} får kun rettelser i {left} dage endnu. Skift til en nyere.")
    return ok("Python", f"{name} får rettelser til {ends.year}")
