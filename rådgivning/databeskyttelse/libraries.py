"""The libraries that run: every installed package the program needs, and what is copied into static/ and skrifter/.

As a list for people, and as CycloneDX 1.6 for programs that look for known weaknesses.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from rådgivning.database import now
from rådgivning.databeskyttelse.documents import Afsnit, Dokument, Grundlag

_ROOT: Final = Path(__file__).resolve().parents[1]
_NAME: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA: Final = re.compile(r"extra\s*==\s*[\"']([^\"']+)")
IKKE_OPLYST: Final = "ikke oplyst"
_CLASSIFIER: Final = "License :: OSI Approved :: "


@dataclass(frozen=True)
class Bibliotek:
    """One library; `licens` is an SPDX expression or the words its package uses."""

    navn: str
    version: str
    licens: str
    hvad: str
    pypi: bool = True


@dataclass(frozen=True)
class Medbragt:
    """Something copied into the program; `sti` is where it lies, so that a test can see that it is there."""

    bibliotek: Bibliotek
    sti: str


def _medbragt(navn: str, version: str, licens: str, hvad: str, sti: str) -> Medbragt:
    return Medbragt(Bibliotek(navn, version, licens, hvad, pypi=False), sti)


_DKFDS: Final = "static/vendor/dkfds"
MEDBRAGT: Final[tuple[Medbragt, ...]] = (
    _medbragt("dkfds", "11.2", "MIT", "designsystemets stilark, tilpasset", f"{_DKFDS}/LICENSE.md"),
    _medbragt("IBM Plex Sans", "", "OFL-1.1", "skærmens skrift", f"{_DKFDS}/fonts/LICENSE.txt"),
    _medbragt("Material Symbols", "", "Apache-2.0", "ikonerne på siderne", "static/ikoner.LICENSE.md"),
    _medbragt("Noto Sans og Noto Naskh Arabic", "", "OFL-1.1", "skrifter til breve og rapporter", "skrifter/OFL.txt"),
)


@cache
def biblioteker() -> tuple[Bibliotek, ...]:
    """The packages the program needs and what they need, as installed, and what is copied in; by name."""
    found: dict[str, Bibliotek] = {}
    waiting = list(_own_requirements())
    while waiting:
        name, extras = waiting.pop()
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # for another platform or an extra that is not installed
        if name not in found or extras:
            found[name] = Bibliotek(
                package.metadata["Name"], package.version, _licence(package), _said(package, "Summary")
            )
            waiting += [one for one in _names(package.requires or [], extras) if one[0] not in found]
    copied = [one.bibliotek for one in MEDBRAGT]
    return tuple(sorted([*found.values(), *copied], key=lambda one: one.navn.casefold()))


def _own_requirements() -> Iterator[tuple[str, str]]:
    """What the program itself asks for: from pyproject.toml in a checkout, else from its metadata; with what its extras
    ask for, as far as that is installed."""
    pyproject = _ROOT.parent / "pyproject.toml"
    if pyproject.is_file():
        project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
        optional = project["optional-dependencies"]
        return _names([*project["dependencies"], *(name for extra in optional.values() for name in extra)])
    return _names(distribution("raadgivning").requires or [], "oidc")


def _names(requirements: Iterable[str], extras: str = "") -> Iterator[tuple[str, str]]:
    """Each requirement's name and the extras it asks for. What is only for an extra counts when that was asked for."""
    for requirement in requirements:
        match, condition = _NAME.match(requirement), _EXTRA.search(requirement)
        if match is not None and (condition is None or condition[1] in extras.split(",")):
            yield _canonical(match[1]), match[2] or ""


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(package: Distribution) -> str:
    words = _said(package, "License-Expression") or _said(package, "License")
    if words and len(words) < 60:
        return words
    classifiers = package.metadata.get_all("Classifier") or []
    named = [text.removeprefix(_CLASSIFIER) for text in classifiers if text.startswith(_CLASSIFIER)]
    return ", ".join(named) or IKKE_OPLYST


def _said(package: Distribution, field: str) -> str:
    """The first line of what a package says of itself; some put a whole licence there."""
    lines = (package.metadata.get_all(field) or [""])[0].strip().splitlines()
    return lines[0] if len(lines) == 1 or (lines and field == "Summary") else ""


def sbom(at: datetime) -> Bom:
    """The list as a CycloneDX document."""
    licences = LicenseFactory()
    bom = Bom()
    bom.metadata.timestamp = at
    bom.metadata.component = Component(name="raadgivning", version=_version(), type=ComponentType.APPLICATION)
    for one in biblioteker():
        bom.components.add(
            Component(
                name=one.navn,
                version=one.version or None,
                type=ComponentType.LIBRARY,
                licenses=[licences.make_from_string(one.licens)] if one.licens != IKKE_OPLYST else None,
                purl=PackageURL("pypi", name=_canonical(one.navn), version=one.version) if one.pypi else None,
                bom_ref=f"{_canonical(one.navn)}@{one.version}",
                description=one.hvad or None,
            )
        )
    bom.register_dependency(bom.metadata.component, bom.components)
    return bom


def sbom_json(at: datetime) -> bytes:
    """CycloneDX 1.6 as JSON."""
    return JsonV1Dot6(sbom(at)).output_as_string(indent=1).encode()


@cache
def _version() -> str:
    pyproject = _ROOT.parent / "pyproject.toml"
    if pyproject.is_file():
        return str(tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"])
    return distribution("raadgivning").version


def biblioteksliste(grund: Grundlag) -> Dokument:
    """The libraries as a document."""
    rows = tuple((one.navn, one.version or "–", one.licens, one.hvad) for one in biblioteker())
    return Dokument(
        "biblioteker",
        "Biblioteker",
        f"{len(rows)} biblioteker, som programmet kører med lige nu.",
        (Afsnit("Biblioteker", (), ("Navn", "Version", "Licens", "Hvad det er"), rows),),
        now(),
    )
