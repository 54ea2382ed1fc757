"""`./kør gennemsøg [rolle …]`: wapiti and sqlmap, signed in as each role and as nobody, over the site of a fresh demo.

Each role has a server and a copy of the demo of its own, since the scanners press every button. Ends with 1 when a
scanner found anything in the program, did not find what was planted beside it, or could not try what there is; and when
the program answered anything with 500. What the scanners said lies in the folder that is named first.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from inspect import getsource, unwrap
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from rådgivning import create_app
from rådgivning.adgang.permissions import RETTIGHEDER, Rolle, declared_rights
from rådgivning.drift.demo import BRUGERE
from rådgivning.settings import Settings
from tests.drift.server import run, server
from tests.scan import planted
from tests.scan.crawl import (
    FORM,
    IKKE,
    LOG_IND,
    OVERALT,
    Formular,
    Gennemgang,
    Kort,
    Læser,
    Mål,
    dækkende,
    escape,
    mål,
    mærke,
)
from tests.scan.door import FRISK, Dør, ascii_navn, åben

UV = os.environ.get("UV", "uv")
WAPITI = [UV, "tool", "run", "--quiet", "--from", "wapiti3==3.2.3", "wapiti"]
SQLMAP = [UV, "tool", "run", "--quiet", "--from", "sqlmap==1.10.10", "sqlmap"]
MODULER = os.environ.get("SCAN_MODULER", "sql,xss,permanentxss,file,crlf,redirect,csp,methods,htaccess,upload")
"""All that can be met here: the program starts no shell, asks no LDAP, and fetches no address it is given. Whether a
form is taken without its token cannot be asked through the door, which puts it in: tests/adgang/ asks every route."""
AD_GANGEN = int(os.environ.get("SCAN_AD_GANGEN", "2"))
"""How many scanners run at once."""
PRØVET = re.compile(r"all tested parameters do not appear to be injectable|identified the following injection")
FUNDET = re.compile(
    r"identified the following injection|heuristic \((?:XSS|FI)\) test shows that [^\n]* might be vulner"
)
PLANTET = Mål("plantet", "POST", planted.STI, (planted.FELT,), f"{planted.FELT}=a".encode(), FORM)


_WORD = re.compile(r"<\w+>")
INGEN = "ingen"
SKRIPTER = {
    "adgang.kladde": ["formular", "notat"],
    "adgang.oidc_afmeld": ["logout_token"],
    "adgang.passkey": ["svar"],
    "adgang.passkey_ny": ["navn", "svar"],
    "beboere.forslag": ["q"],
    "beboere.ligner": ["navn", "telefon", "adresse", "fødselsdato", "vælg"],
}
"""What scripts and other servers send, with the names of it: no form on a page says so."""


@dataclass
class Rapport:
    """What scanning as one role came to."""

    rolle: str
    linjer: list[str] = field(default_factory=list)
    fejl: list[str] = field(default_factory=list)


@contextmanager
def plads(rolle: str, demo: Path, ud: Path) -> Iterator[tuple[Dør, Any]]:
    """A copy of the demo that is served, with a door for the role."""
    instance = ud / f"instans-{rolle}"
    shutil.copytree(demo, instance)
    shutil.copy(demo.with_name(demo.name + ".nøgle"), instance.with_name(instance.name + ".nøgle"))
    lines = [line.split() for line in (demo / "demo-brugere.txt").read_text(encoding="utf-8").splitlines()]
    kodeord = {line[1]: line[2] for line in lines if len(line) == 3}
    brugernavn = "" if rolle == INGEN else BRUGERE[Rolle(rolle)][0]
    settings = replace(Settings.from_environment({}, instance), https=False, development=True, anden_faktor="kan")
    app = create_app(settings)
    app.extensions["nøgler"].close()
    more = {"RAADGIVNING_PROXYER": "1", "RAADGIVNING_FRISK_MINUTTER": str(FRISK)}
    with server(instance, log=ud / f"server-{rolle}.log", **more) as (port, _process):
        yield Dør(port, brugernavn, kodeord.get(brugernavn, "")), app


def regler(app: Any, rolle: str, metode: str) -> dict[str, Any]:
    """The routes a role may ask in this way, by endpoint."""
    mine = frozenset() if rolle == INGEN else RETTIGHEDER[Rolle(rolle)]
    return {
        rule.endpoint: rule
        for rule in app.url_map.iter_rules()
        if metode in rule.methods
        and rule.endpoint not in IKKE
        and (rolle == INGEN or not LOG_IND.match(rule.endpoint))
        and (not (needed := declared_rights(app.view_functions[rule.endpoint])) or needed & mine)
    }


def _words(rule: Any) -> bool:
    return bool(rule.arguments) and len(_WORD.findall(rule.rule)) == len(rule.arguments)


def _script(sti: str, felter: list[str]) -> Formular:
    return Formular(sti, "POST", sti, FORM, [(name, "", "text") for name in ["csrf_token", *felter]])


def _læses(app: Any, endpoint: str) -> list[str]:
    """The names a view reads from the query."""
    return re.findall(r"request\.args(?:\.get(?:list)?\(|\[)\"(\w+)\"", getsource(unwrap(app.view_functions[endpoint])))


def gennemsøg(rolle: str, demo: Path, ud: Path, ad_gangen: ThreadPoolExecutor) -> Rapport:
    """Crawl, then both scanners."""
    rapport = Rapport(rolle)
    with plads(rolle, demo, ud) as (dør, app), åben(dør) as adresse:
        kort, wanted = Kort(app.url_map.bind("127.0.0.1")), regler(app, rolle, "GET")
        found = Gennemgang(dør, kort)
        found.følg(["/", *(rule.rule for rule in wanted.values() if not rule.arguments)])
        found.tryk()
        posts = regler(app, rolle, "POST")
        found.former += [_script(posts[name].rule, fields) for name, fields in SKRIPTER.items() if name in posts]
        targets = mål(kort, found, lambda endpoint: _læses(app, endpoint))
        missed = sorted(set(wanted) - found.slags)
        targets += [
            Mål("sti", "GET", _WORD.sub("zxq*", wanted[name].rule), ()) for name in missed if _words(wanted[name])
        ]
        rapport.linjer.append(
            f"{len(found.sider)} sider af {len(found.slags)} slags, {len(dækkende(kort, found.former))} formularer af "
            f"{len(found.former)}, {sum(len(target.felter) for target in targets)} slags felter, "
            f"{sum(target.slags == 'sti' for target in targets)} ord i stier; ikke mødt: {', '.join(missed) or 'ingen'}"
        )
        dør.antal.clear()
        scanners = [ad_gangen.submit(_sqlmap, adresse, rolle, targets, ud)]
        scanners += [ad_gangen.submit(_wapiti, adresse, rolle, dør, kort, found, ud)]
        for scanner in scanners:
            lines, fejl = scanner.result()
            rapport.linjer += lines
            rapport.fejl += fejl
        rapport.linjer.append("svar: " + ", ".join(f"{code} {n}" for code, n in sorted(dør.antal.items())))
        rapport.fejl += dør.fejl
    return rapport


def _sqlmap(adresse: str, rolle: str, targets: list[Mål], ud: Path) -> tuple[list[str], list[str]]:
    """Every target, one at a time; the planted one must be found, and no other."""
    begun, fejl, log = time.monotonic(), list[str](), ud / f"sqlmap-{rolle}.txt"
    for target in [PLANTET, *targets]:
        said = _attack(adresse, rolle, target, ud)
        if target is not PLANTET and FUNDET.search(said):  # what can be injected can be injected again
            said = _attack(adresse, rolle, target, ud)
        name = f"sqlmap {target.slags} {target.metode} {unquote(target.sti)} {' '.join(target.felter)}"
        with log.open("a", encoding="utf-8") as out:
            out.write(f"=== {name}\n{said[-3000:]}\n")
        if target is PLANTET and "identified the following injection" not in said:
            fejl.append("sqlmap fandt ikke det, der er plantet")
        elif target is not PLANTET and (hit := FUNDET.search(said)):
            fejl.append(f"{name}: {hit.group(0)}")
        elif not PRØVET.search(said):
            fejl.append(f"{name}: ikke prøvet")
    return [f"sqlmap: {len(targets)} mål på {time.monotonic() - begun:.0f} s"], fejl


def _attack(adresse: str, rolle: str, target: Mål, ud: Path) -> str:
    head = [f"{target.metode} {target.sti} HTTP/1.1", f"Host: {urlsplit(adresse).netloc}"]
    head += [f"Content-Type: {target.enctype}"] if target.krop else []
    request = ud / f"anmodning-{rolle}.txt"
    request.write_bytes("\r\n".join([*head, "", ""]).encode() + target.krop)
    command = [*SQLMAP, "-r", str(request), "--batch", "--level=1", "--risk=1", "--dbms=sqlite"]
    command += [
        "--dbms=sqlite",
        "--ignore-code=*",
        "--ignore-redirects",
        "--skip-waf",
        "--flush-session",
        "--timeout=120",
    ]
    command += ["--disable-coloring", f"--output-dir={ud / f'sqlmap-{rolle}'}"]
    command += ["-p", ",".join(ascii_navn(name) for name in target.felter)] if target.felter else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600)
    return done.stdout + done.stderr


def _wapiti(adresse: str, rolle: str, dør: Dør, kort: Kort, found: Gennemgang, ud: Path) -> tuple[list[str], list[str]]:
    """Every kind of page, each kind of form on one of them."""
    begun = time.monotonic()
    chosen = dækkende(kort, found.former)
    shown = {mærke(form) for form, _ in chosen}

    def vis(sti: str, html: str) -> bool:
        page = Læser(escape(sti))
        page.feed(html)
        return any(mærke(form) in shown for form in page.former)

    dør.vis = vis
    fine = [sti for sti, status in found.sider.items() if status < 400]
    pages = list(dict.fromkeys([form.side for form, _ in chosen] + list(_one_of_each(kort, fine))))
    said = _run_wapiti(adresse, pages, ud / f"wapiti-{rolle}")
    if said is None:
        return [], [f"wapiti gik i stå, se {ud / f'wapiti-{rolle}.txt'}"]
    tried, took = said["infos"].get("crawled_pages_nbr"), time.monotonic() - begun
    lines = [f"wapiti: {len(pages)} sider at begynde med, {tried} mål, på {took:.0f} s"]
    hits, caught = _hits(said)
    if hits:  # what can be injected can be injected again; a page that others changed meanwhile looks so once
        paths = {path for _kind, path in hits}
        again = [form.side for form, _ in chosen if paths & {urlsplit(form.sti).path, urlsplit(form.side).path}]
        again += [sti for sti in pages if urlsplit(sti).path in paths]
        once_more = _run_wapiti(adresse, list(dict.fromkeys(again)) or pages, ud / f"wapiti-igen-{rolle}")
        still = hits.keys() & _hits(once_more)[0].keys() if once_more else hits.keys()
        lines += [f"wapiti, kun første gang: {hits[hit]}" for hit in hits if hit not in still]
        hits = {hit: text for hit, text in hits.items() if hit in still}
    lacking = {"SQL Injection", "Reflected Cross Site Scripting"} - caught
    return lines, [f"wapiti {text}" for text in hits.values()] + [
        f"wapiti fandt ikke det, der er plantet: {name}" for name in sorted(lacking)
    ]


def _run_wapiti(adresse: str, pages: list[str], ud: Path) -> dict[str, Any] | None:
    """What wapiti said of these pages; None when it broke down."""
    report = ud.with_suffix(".json")
    command = [*WAPITI, "-u", adresse + planted.STI, "--scope", "domain", "-d", "1", "-m", MODULER, "-f", "json"]
    command += ["-o", str(report), "--no-bugreport", "--flush-session", "--store-session", str(ud)]
    for name in ("csrf_token", *OVERALT):
        command += ["--skip", name]
    command += ["-S", "insane", "-t", "120", "-v", "1"]
    for sti in pages:
        command += ["-s", adresse + sti]
    with ud.with_suffix(".txt").open("wb") as said_by:
        subprocess.run(command, stdout=said_by, stderr=said_by, check=False)
    said: dict[str, Any] | None = json.loads(report.read_text(encoding="utf-8")) if report.exists() else None
    return said


def _hits(said: dict[str, Any]) -> tuple[dict[tuple[str, str], str], set[str]]:
    """What was found in the program, by kind and path; and the kinds found in what was planted."""
    found = [
        (kind, hit) for group in ("vulnerabilities", "anomalies") for kind, hits in said[group].items() for hit in hits
    ]
    mine = {
        (kind, str(hit["path"])): f"{kind}: {hit['method']} {hit['path']} {hit['info']}"
        for kind, hit in found
        if not _planted(hit)
    }
    return mine, {kind for kind, hit in found if _planted(hit)}


def _planted(hit: dict[str, Any]) -> bool:
    return str(hit["path"]).startswith(planted.STI)


def _one_of_each(kort: Kort, stier: list[str]) -> Iterator[str]:
    """One path of each kind and each set of names asked by."""
    met = set[object]()
    for sti in stier:
        kind = kort.slags(sti)
        key = (kind and kind[0], re.sub(r"=[^&]*", "", urlsplit(sti).query))
        if key not in met:
            met.add(key)
            yield sti


def main() -> int:
    """Scan as the roles named, or as all and as nobody."""
    roller = sys.argv[1:] or [*Rolle, INGEN]
    if unknown := set(roller) - {*Rolle, INGEN}:
        sys.stderr.write(f"fejl: ukendt rolle {', '.join(sorted(unknown))}; vælg mellem {', '.join([*Rolle, INGEN])}\n")
        return 2
    ud = Path(tempfile.mkdtemp(prefix="gennemsøgning-"))
    sys.stdout.write(f"{ud}\n")
    made = run(ud / "demo", "demo", "--kun-data")
    if made.returncode:
        sys.stderr.write(made.stderr)
        return 2
    with ThreadPoolExecutor(AD_GANGEN) as scanners, ThreadPoolExecutor(len(roller)) as ad_gangen:
        waiting = [ad_gangen.submit(gennemsøg, rolle, ud / "demo", ud, scanners) for rolle in roller]
        rapporter = [each.result() for each in waiting]
    for rapport in rapporter:
        sys.stdout.write(f"\n{rapport.rolle}\n" + "".join(f"  {line}\n" for line in rapport.linjer))
        sys.stdout.write("".join(f"  FEJL {line}\n" for line in rapport.fejl) or "  intet fundet\n")
    return 1 if any(rapport.fejl for rapport in rapporter) else 0


if __name__ == "__main__":
    sys.exit(main())
