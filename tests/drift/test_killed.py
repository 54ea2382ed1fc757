"""kill -9 at random points of rotation, restore and migration: the next run ends it; nothing is lost or readable."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlmodel import Session, select

from rådgivning.adgang.permissions import Rolle
from rådgivning.beboere.residents import Slettegrund, slet_beboer
from rådgivning.database import make_engine, se_alle
from rådgivning.drift.instance import open_instance
from rådgivning.drift.restoring import restore
from rådgivning.drift.schema import all_tables, current_revision, downgrade, known_revisions
from rådgivning.drift.snapshots import DATA, NØGLER, clear, is_empty
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.keystore import metadata as key_tables
from rådgivning.nøgler.rotation import count_keys
from rådgivning.nøgler.sources import find_source, write_new
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from tests.conftest import DATABASER, LANG, Personale, som
from tests.drift.copies import KOPI, kopi, roots_in
from tests.facit import HEMMELIGT, Facit, læs_alt
from tests.killing import Arbejde, Punkt, Slut, klartekst, proces, punkter, verbum

GANGE = 100 if LANG else 3
Nyt_sted = Callable[[str], Settings]


@pytest.fixture(params=DATABASER if LANG else ["sqlite"])
def databasetype(request: pytest.FixtureRequest) -> str:
    """Both databases in the long form; each makes its steps durable in another way."""
    return str(request.param)


@pytest.fixture
def midlertidig(tmp_path: Path) -> Path:
    """Where the killed runs put temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.fixture
def who(personale: Personale) -> Aktør:
    """The beboerrådgiver."""
    return personale.aktør(Rolle.BEBOERRÅDGIVER)


@pytest.fixture
def nyt_sted(settings: Settings, tmp_path: Path) -> Iterator[Nyt_sted]:
    """Empty places of the same kind of database with the right key file, by name; the last one made is let go."""
    made: list[str] = []

    def make(name: str) -> Settings:
        folder = tmp_path / "steder" / name / "data"
        place = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
        write_new(place.key_file, settings.key_file.read_text(encoding="utf-8"))
        if settings.database_url.startswith("postgresql"):
            _server(
                settings, *[f'DROP DATABASE IF EXISTS "{old}"' for old in made], f'CREATE DATABASE "{name}" OWNER ejer'
            )
            made[:] = [name]
            place = replace(place, database_url=(url := _url(settings, name)), keystore_url=url)
        return place

    yield make
    if settings.database_url.startswith("postgresql"):
        _server(settings, *[f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)' for old in made])


def _url(settings: Settings, name: str) -> str:
    return som(settings.database_url, "ejer", name)


def _server(settings: Settings, *statements: str) -> None:
    engine = make_engine(som(settings.database_url, "postgres", "postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def readable(settings: Settings, *folders: Path) -> list[str]:
    """Where anything invented here stands in clear: these folders, and PostgreSQL's own."""
    url = make_url(settings.database_url)
    host = url.query.get("host")
    server = [Path(str(host))] if url.drivername == "postgresql" and host else []
    return klartekst([*folders, *server], HEMMELIGT)


def ends(slut: Slut, again: Arbejde, midlertidig: Path) -> None:
    """A killed run is run again and ends; one that came to its end had nothing to complain of."""
    if not slut.dræbt:
        assert slut.kode == 0, slut.sagt
        return
    after = proces(again, midlertidig=midlertidig)
    assert after.kode == 0, after.sagt


@pytest.mark.lang
def test_a_killed_rotation_is_run_again_and_every_key_is_what_it_was(
    settings: Settings, who: Aktør, db: Session, tmp_path: Path, midlertidig: Path
) -> None:
    facit = Facit().læg_i(db, 8)
    kontekst = open_instance(settings)
    kontekst.keystore.create_many([uuid.uuid4() for _ in range(1200 if LANG else 600)])
    antal = count_keys(kontekst.keystore.engine)
    kontekst.close()
    db.close()

    def rotate() -> Arbejde:
        assert proces(verbum(settings, "nøgle", "ny"), midlertidig=midlertidig).kode == 0
        return verbum(settings, "nøgle", "rotér")

    killed = 0
    for punkt in punkter(rotate, GANGE, seed=11):
        slut = proces(rotate(), punkt, midlertidig)
        killed += slut.dræbt
        assert læs_alt(settings, who) == facit, "a server that starts now opens everything"
        ends(slut, verbum(settings, "nøgle", "rotér"), midlertidig)
        told = proces(verbum(settings, "nøgle", "status"), midlertidig=midlertidig).sagt.splitlines()
        assert [line for line in told if "pakker" in line][-1].endswith(
            f"primær, kendt af databasen, pakker {antal} personnøgler"
        )
        assert læs_alt(settings, who) == facit
        assert [path.name for path in tmp_path.iterdir() if "nøgle" in path.name] == [settings.key_file.name]
    assert list(midlertidig.iterdir()) == []
    assert killed >= GANGE // 2
    assert readable(settings, tmp_path) == []


@pytest.mark.lang
def test_a_killed_restore_is_run_again_and_nobody_erased_comes_back(
    settings: Settings, who: Aktør, db: Session, tmp_path: Path, midlertidig: Path, nyt_sted: Nyt_sted
) -> None:
    facit = Facit().læg_i(db, 12)
    gone = next(iter(facit.navne))
    hers = set(db.exec(select(Kontakt.id).where(Kontakt.beboer_id == gone)).all())
    data, keys = kopi(settings, tmp_path / "før")
    slet_beboer(db, gone, next(iter(Slettegrund)))
    db.commit()
    db.close()
    newer, _keys = kopi(settings, tmp_path / "efter")
    left = facit.uden(gone, hers)
    (tmp_path / "id").write_text(str(KOPI), encoding="utf-8")
    command = ["--data", str(data), "--identitet", str(tmp_path / "id"), "--slettet-i", str(newer)]

    def gendan(place: Settings, *, keys_too: bool = True) -> Arbejde:
        return verbum(place, "backup", "gendan", *command, *(["--nøgler", str(keys)] if keys_too else []))

    numbers = iter(range(GANGE + 1))
    killed = 0
    for punkt in punkter(lambda: gendan(nyt_sted(f"sted_{next(numbers)}")), GANGE, seed=12):
        place = nyt_sted(f"sted_{next(numbers)}")
        slut = proces(gendan(place), punkt, midlertidig)
        killed += slut.dræbt
        if slut.dræbt and is_empty(place.database_url, DATA):
            keys_too = is_empty(place.keystore_url, NØGLER)
            if not keys_too:
                refused = proces(gendan(place), midlertidig=midlertidig)
                assert (refused.kode, "Kør igen uden --nøgler" in refused.sagt) == (2, True)
            ends(slut, gendan(place, keys_too=keys_too), midlertidig)
        elif slut.dræbt:
            refused = proces(gendan(place), midlertidig=midlertidig)
            assert (refused.kode, "allerede en database" in refused.sagt) == (2, True)
        assert læs_alt(place, who) == left
        names = {path.name for path in place.instance.iterdir()}
        assert {name for name in names if not name.startswith(("raadgivning.db", "nøgler.db"))} == set()
        assert list(midlertidig.iterdir()) == []
        assert readable(settings, place.instance.parent, midlertidig, place.key_file.parent) == []
        shutil.rmtree(place.instance.parent)
    assert killed >= GANGE // 2
    assert readable(settings, tmp_path) == []


@pytest.mark.lang
def test_a_killed_drill_leaves_no_keyring_and_the_next_removes_the_rest(
    settings: Settings, db: Session, tmp_path: Path, midlertidig: Path
) -> None:
    Facit().læg_i(db, 8)
    db.close()
    ring = find_source(settings).læs()
    tom = ["--database-url", _url(settings, "øvested")] if settings.database_url.startswith("postgresql") else []

    def work() -> Arbejde:
        return verbum(settings, "backup", "øvelse", *tom)

    if tom:
        _server(settings, 'CREATE DATABASE "øvested" OWNER ejer')
    whole = proces(work()).skridt
    late = [Punkt(skridt=whole * part // 100) for part in (85, 90, 95)]  # where it opens what it has restored
    killed = 0
    for punkt in [*late, *punkter(work, GANGE, seed=14)]:
        slut = proces(work(), punkt, midlertidig)
        killed += slut.dræbt
        assert roots_in(ring, settings.instance, midlertidig) == []
        assert readable(settings, settings.instance, midlertidig) == []
        if tom:
            clear(tom[1])
        ends(slut, work(), midlertidig)
        assert [path.name for path in settings.instance.glob(".*")] == []
        assert list(midlertidig.iterdir()) == []
    if tom:
        _server(settings, 'DROP DATABASE "øvested" WITH (FORCE)')
    assert killed >= GANGE // 2
    assert roots_in(ring, tmp_path) == [settings.key_file]


@contextmanager
def older(settings: Settings, revision: str, tmp_path: Path) -> Iterator[Callable[[int], Settings]]:
    """Copies of the instance as it was at an older revision."""
    folder = tmp_path / f"gammel-{revision}"
    shutil.copytree(settings.instance, folder)
    old = _elsewhere(settings, folder)
    name = f"gammel_{revision}"
    if settings.database_url.startswith("postgresql"):
        _server(settings, f'CREATE DATABASE "{name}" OWNER ejer')  # not from a template: that one is in use
        old = replace(old, database_url=_url(settings, name), keystore_url=_url(settings, name))
        restore(old, [KOPI], *kopi(settings, tmp_path / f"kopier-{revision}"))
    engine = make_engine(old.database_url)
    downgrade(engine, revision)
    engine.dispose()

    def copy(number: int) -> Settings:
        made = _elsewhere(old, tmp_path / f"{folder.name}-{number}")
        shutil.rmtree(made.instance, ignore_errors=True)
        shutil.copytree(folder, made.instance)
        if old.database_url.startswith("postgresql"):
            _server(settings, f'DROP DATABASE IF EXISTS "kopi_{revision}" WITH (FORCE)',
                    f'CREATE DATABASE "kopi_{revision}" TEMPLATE "{name}" OWNER ejer')  # fmt: skip
            url = _url(settings, f"kopi_{revision}")
            made = replace(made, database_url=url, keystore_url=url)
        return made

    yield copy
    if old.database_url.startswith("postgresql"):
        names = (f"kopi_{revision}", name)
        _server(settings, *[f'DROP DATABASE IF EXISTS "{used}" WITH (FORCE)' for used in names])


def _elsewhere(settings: Settings, folder: Path) -> Settings:
    """The same instance in another folder."""
    moved = Settings.from_environment({"RAADGIVNING_HTTPS": "0"}, folder)
    return replace(moved, key_file=settings.key_file)


def content(settings: Settings) -> tuple[str | None, dict[str, list[str]]]:
    """The revision, and every row of every table as it stands, whatever the columns."""
    engine = make_engine(settings.database_url)
    with engine.connect() as connection:
        se_alle(connection)
        names = [*all_tables().tables, *key_tables.tables]
        there = [name for name in names if engine.dialect.has_table(connection, name)]
        rows = {name: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{name}"').all())) for name in there}
        connection.rollback()
    found = current_revision(engine)
    engine.dispose()
    return found, rows


@pytest.mark.lang
@pytest.mark.parametrize("revision", sorted(known_revisions())[::2][:2] if not LANG else sorted(known_revisions())[:-1])
def test_a_killed_migration_leaves_the_old_database_or_the_new(
    settings: Settings, who: Aktør, db: Session, tmp_path: Path, midlertidig: Path, revision: str
) -> None:
    facit = Facit().læg_i(db, 12)
    db.close()
    newest = max(known_revisions())
    gange = -(-GANGE // (len(known_revisions()) - 1)) if LANG else 2
    with older(settings, revision, tmp_path) as copy:
        before = content(copy(0))
        assert before[0] == revision
        killed = 0
        work = lambda: verbum(copy(1), "database", "opgrader")  # noqa: E731
        for punkt in punkter(work, gange, seed=int(revision)):
            place = copy(2)
            slut = proces(verbum(place, "database", "opgrader"), punkt, midlertidig)
            killed += slut.dræbt
            found = content(place)
            assert found == before or found[0] == newest
            ends(slut, verbum(place, "database", "opgrader"), midlertidig)
            assert content(place)[0] == newest
            assert læs_alt(place, who) == facit
            assert list(midlertidig.iterdir()) == []
            assert readable(settings, place.instance, midlertidig) == []
        assert killed >= gange // 2
    assert readable(settings, tmp_path) == []


def test_the_search_for_readable_words_finds_one_and_a_point_is_met(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.db").write_bytes(b"\x00\xff" + f"{HEMMELIGT[0]} æ".encode() + b"\x00")
    assert klartekst([tmp_path], HEMMELIGT) == [f"{tmp_path / 'a' / 'b' / 'x.db'}: {HEMMELIGT[0]}"]

    def work(begun: Callable[[], None]) -> None:
        begun()
        for number in range(9):
            (tmp_path / str(number)).write_bytes(b"")

    whole = proces(work)
    assert (whole.dræbt, whole.kode, whole.skridt) == (False, 0, 9)
    assert proces(partial(work), Punkt(skridt=4)).dræbt
