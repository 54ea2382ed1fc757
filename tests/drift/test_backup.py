"""Backups: taken while others write, restored whole or not at all, and nobody erased comes back."""

from __future__ import annotations

import random
import shutil
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from pyrage import x25519
from sqlalchemy import text
from sqlmodel import Session, select

from rådgivning.adgang.models import Bruger, BrugerSession
from rådgivning.adgang.permissions import Rolle
from rådgivning.adgang.sessions import Slut, start_session
from rådgivning.beboere.models import Beboer, BeboerData
from rådgivning.beboere.residents import Slettegrund, opret_beboer, slet_beboer
from rådgivning.dansk import tidspunkt
from rådgivning.database import make_engine, new_id, now, på_tværs
from rådgivning.databeskyttelse.models import Kvittering
from rådgivning.drift.archive import ArkivFejl, Indhold, read, recipients, write
from rådgivning.drift.drill import drill
from rådgivning.drift.folders import ØVELSE, working_folder
from rådgivning.drift.instance import bring_up_to_date, open_instance
from rådgivning.drift.restoring import expire, promised, restore
from rådgivning.drift.schema import current_revision, downgrade, upgrade
from rådgivning.drift.snapshots import DATA, NØGLER, clear, copy_database, is_empty
from rådgivning.fakta.models import Faktum
from rådgivning.kalender.models import Kalenderfeed
from rådgivning.kalender.subscriptions import ny_adresse
from rådgivning.kontakter.models import Kontakt
from rådgivning.nøgler.context import Nøglekontekst
from rådgivning.nøgler.errors import KeyMissing, KeyWrong, Shredded
from rådgivning.nøgler.keyring import Keyring, new_keyring
from rådgivning.nøgler.opening import open_sealed
from rådgivning.nøgler.pseudonyms import pseudonym
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør, aktør
from tests.conftest import DATABASER, IDAG, LANG, Personale, som
from tests.drift.copies import KOPI, kopi, roots_in
from tests.drift.test_commands import Kald, kald
from tests.facit import Facit

__all__ = ["kald"]


@pytest.fixture(params=DATABASER)
def databasetype(request: pytest.FixtureRequest) -> str:
    """Copies are made in another way of each database."""
    return str(request.param)


@pytest.fixture
def ring(settings: Settings) -> Keyring:
    """The instance's own keyring."""
    kontekst = open_instance(settings)
    kontekst.close()
    return kontekst.keyring


def _drop(_name: str, member: IO[bytes]) -> None:
    while member.read(1 << 16):
        pass


def åbn_alle(settings: Settings, bruger: Aktør) -> dict[uuid.UUID, str]:
    """Every resident's name, opened."""
    kontekst = open_instance(settings)
    with kontekst.session(bruger) as session:
        rows = session.exec(select(Beboer)).all()
        found = {row.id: open_sealed(session, row, BeboerData, "prøve").navn for row in rows}
        session.commit()
    kontekst.close()
    return found


def test_the_drill_passes(
    personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path, db: Session, ring: Keyring
) -> None:
    opret_beboer(db, BeboerData(navn="Testa Opdigtet"))
    db.commit()
    url = tomt.ejer_database_url if settings.database_url.startswith("postgresql") else None
    results = drill(settings, tmp_path / "øvelse", url)
    assert len(results) == 11
    assert [said for said, passed in results if not passed] == []
    assert list(settings.instance.glob(".*")) == [], "no copy is left"
    assert roots_in(ring, tmp_path / "øvelse") == [], "the keyring was never written"


def test_what_is_wrong_is_named_and_nothing_is_put_in_place(
    personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path
) -> None:
    data, keys = kopi(settings, tmp_path)
    wrong: tuple[tuple[type[Exception], dict[str, Any]], ...] = (
        (KeyMissing, {"key_file": tmp_path / "ingen"}),
        (ArkivFejl, {"database_url": settings.database_url, "opgrader_database_url": settings.opgrader_database_url}),
    )
    for error, change in wrong:
        with pytest.raises(error):
            restore(replace(tomt, **change), [KOPI], data, keys)
    attempts: tuple[tuple[type[Exception], str, Any], ...] = (
        (KeyWrong, "ikke den", lambda: restore(tomt, [KOPI], data, keys, ring=new_keyring())),
        (ArkivFejl, "passer ikke", lambda: restore(tomt, [x25519.Identity.generate()], data, keys)),
        (ArkivFejl, "kopi af nøgler, ikke af data", lambda: restore(tomt, [KOPI], keys, data)),
        (ArkivFejl, "ingen fil", lambda: restore(tomt, [KOPI], tmp_path / "intet.age", keys)),
        (ArkivFejl, "intet nøglelager", lambda: restore(tomt, [KOPI], data, None)),
    )
    for error, said, attempt in attempts:
        with pytest.raises(error, match=said):
            attempt()
        assert is_empty(tomt.ejer_database_url, DATA)
        assert is_empty(tomt.ejer_keystore_url, NØGLER)
    restore(tomt, [KOPI], data, keys)
    with pytest.raises(ArkivFejl, match="allerede en database"):
        restore(tomt, [KOPI], data, keys)


@pytest.mark.lang
@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_cut_or_changed_file_is_never_taken_for_a_backup(settings: Settings, tmp_path: Path) -> None:
    data, _keys = kopi(settings, tmp_path)
    whole = data.read_bytes()
    draw = random.Random(1)
    for number in range(300 if LANG else 25):
        cut = draw.randrange(len(whole))
        place, flipped = draw.randrange(len(whole)), bytearray(whole)
        flipped[place] ^= 1 << draw.randrange(8)
        for broken in (whole[:cut], bytes(flipped), whole + b"\0"):
            path = tmp_path / f"{number}.age"
            path.write_bytes(broken)
            with pytest.raises(ArkivFejl):
                read(path, [KOPI], _drop)


def test_who_is_erased_after_the_backup_stays_erased(
    personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path, db: Session
) -> None:
    kept = opret_beboer(db, BeboerData(navn="Testa Opdigtet")).id
    gone = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    Facit().kontakt(db, gone)
    db.commit()
    hers = pseudonym(db, gone, IDAG.year)
    old = kopi(settings, tmp_path / "før")
    slet_beboer(db, gone, next(iter(Slettegrund)))
    db.commit()
    new = kopi(settings, tmp_path / "efter")
    assert restore(tomt, [KOPI], *old, slettet_i=[new[0]]).gentaget == 1
    assert åbn_alle(tomt, personale.aktør(Rolle.BEBOERRÅDGIVER)) == {kept: "Testa Opdigtet"}
    kontekst = open_instance(tomt)
    with pytest.raises(Shredded):
        kontekst.keystore.get(gone)
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        assert session.exec(select(Kontakt)).all() == []
        assert hers not in session.exec(select(Faktum.pseudonym)).all()
        assert len(session.exec(select(Faktum)).all()) == 1
        with pytest.raises(Shredded):
            opret_beboer(session, BeboerData(navn="Zxq Prøvesen"), gone)
    kontekst.close()


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_newer_key_store_is_kept_when_only_the_data_were_lost(
    personale: Personale, settings: Settings, tmp_path: Path, db: Session
) -> None:
    gone = opret_beboer(db, BeboerData(navn="Zxq Prøvesen")).id
    opret_beboer(db, BeboerData(navn="Testa Opdigtet"))
    db.commit()
    data, keys = kopi(settings, tmp_path)
    slet_beboer(db, gone, next(iter(Slettegrund)))
    db.commit()
    db.close()
    for path in settings.instance.glob("raadgivning.db*"):
        path.unlink()
    with pytest.raises(ArkivFejl, match="uden --nøgler"):
        restore(settings, [KOPI], data, keys)
    restore(settings, [KOPI], data, None)
    kontekst = open_instance(settings)
    with pytest.raises(Shredded):
        kontekst.keystore.get(gone)
    kontekst.close()


def test_a_backup_of_an_older_version_is_restored_and_brought_up(
    settings: Settings, tomt: Settings, tmp_path: Path, ring: Keyring
) -> None:
    older = replace(tomt, database_url=tomt.database_url.replace("raadgivning.db", "gammel.db"))
    tomt.instance.mkdir(parents=True, exist_ok=True)
    engine = make_engine(older.ejer_database_url)
    upgrade(engine, "0001")
    with engine.begin() as connection:
        kcv = ring.check_values()[1]
        connection.execute(text("INSERT INTO nøglekontrol (kid, kcv) VALUES (1, :kcv)"), {"kcv": kcv})
    path = tmp_path / "gammel.age"
    indhold = write(path, [KOPI.to_public()], lambda w: copy_database(older.ejer_database_url, DATA, tmp_path, w))
    assert indhold.skema == "0001"
    engine.dispose()
    if not tomt.database_url.startswith("sqlite"):
        clear(tomt.ejer_database_url)
    _data, keys = kopi(settings, tmp_path)
    restore(tomt, [KOPI], path, keys)
    engine, newest = make_engine(tomt.ejer_database_url), make_engine(settings.database_url)
    assert current_revision(engine) == current_revision(newest)
    engine.dispose()
    newest.dispose()


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_backup_of_a_newer_version_waits_for_the_program(settings: Settings, tomt: Settings, tmp_path: Path) -> None:
    _data, keys = kopi(settings, tmp_path)
    newer = {"slags": DATA, "motor": "sqlite", "taget": "", "rækker": {}, "kolonner": {}}
    for number, change in enumerate(({"skema": "9999"}, {"skema": "0001", "format": 2})):
        path = tmp_path / f"{number}.age"
        write(path, [KOPI.to_public()], lambda _w, c=change: Indhold.model_validate({**newer, **c}))  # type: ignore[misc]
        with pytest.raises(ArkivFejl, match="nyere udgave"):
            restore(tomt, [KOPI], path, keys)
    assert is_empty(tomt.ejer_database_url, DATA)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_what_a_killed_run_left_goes_and_what_another_works_in_stays(settings: Settings, tmp_path: Path) -> None:
    for name in (".kopi-dræbt", ".gendan-dræbt", ".øvelse-dræbt"):
        (settings.instance / name / "data").mkdir(parents=True)
    with working_folder(settings.instance, ØVELSE) as other:
        kopi(settings, tmp_path)
        assert list(settings.instance.glob(".*")) == [other]
    assert list(settings.instance.glob(".*")) == []


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_log_of_a_lost_database_is_not_played_into_the_restored_one(
    personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path
) -> None:
    data, keys = kopi(settings, tmp_path)
    tomt.instance.mkdir(parents=True)
    for rest in ("-wal", "-shm"):
        (tomt.instance / f"raadgivning.db{rest}").write_bytes(b"of another database")
    restore(tomt, [KOPI], data, keys)
    assert [path.name for path in tomt.instance.iterdir() if path.name.startswith("raadgivning")] == ["raadgivning.db"]
    assert åbn_alle(tomt, personale.aktør(Rolle.BEBOERRÅDGIVER)) == {}


def test_old_backups_go_by_the_time_in_their_name_and_the_newest_stays(tmp_path: Path) -> None:
    def named(days: int) -> Path:
        path = tmp_path / f"data-{now() - timedelta(days=days):%Y%m%dT%H%M%SZ}.age"
        path.touch()
        return path

    old, older, fresh = named(31), named(400), named(29)
    (tmp_path / "data-20260101T000000Z.age.halv").touch()
    other = tmp_path / "nøgler-20200101T000000Z.age"
    other.touch()
    assert expire(tmp_path, DATA, 30) == [older, old]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([fresh.name, other.name])
    assert expire(tmp_path, NØGLER, 30) == []
    newest = named(1)
    assert expire(tmp_path, DATA, 30, now() - timedelta(days=2)) == [fresh]
    assert newest.exists()


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_what_a_receipt_has_promised_holds_when_more_days_are_kept_later(db: Session, settings: Settings) -> None:
    for days, kept in ((20, 7), (9, 30)):
        at = now() - timedelta(days=days)
        db.add(Kvittering(
            helhedsplan_id=aktør(db).helhedsplan_id or new_id(), nummer=f"SL-{days}", årsag="anmodning", tidspunkt=at,
            glemt=at.date() + timedelta(days=kept + 1),
        ))  # fmt: skip
    db.commit()
    assert promised(settings) == now() - timedelta(days=20)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_the_verbs_say_what_is_missing(
    settings: Settings, kald: Kald, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kald("backup", "tag")[0] == 2
    here, there = str(tmp_path / "a"), str(tmp_path / "b")
    assert "RAADGIVNING_BACKUP_MODTAGER" in kald("backup", "tag", "--til", here, "--nøgler-til", there)[2]
    monkeypatch.setenv("RAADGIVNING_BACKUP_MODTAGER", str(KOPI.to_public()))
    assert "hver sin mappe" in kald("backup", "tag", "--til", here, "--nøgler-til", str(tmp_path / "a" / "n"))[2]
    assert "1-30 dage" in kald("backup", "tag", "--til", here, "--nøgler-til", there, "--behold-nøgledage", "0")[2]
    monkeypatch.setenv("RAADGIVNING_BACKUP_KEY_DAGE", "7")
    assert "1-7 dage" in kald("backup", "tag", "--til", here, "--nøgler-til", there, "--behold-nøgledage", "0")[2]
    assert not (tmp_path / "a").exists()
    code, out, _err = kald("backup", "tag", "--til", here, "--nøgler-til", there)
    assert (code, out.count("læst tilbage og kontrolleret")) == (0, 2)
    assert kald("backup", "øvelse")[0] == 0
    code, out, _err = kald("backup", "nøgle")
    lines = dict(line.split(":", 1) for line in out.splitlines()[:2])
    (tmp_path / "id").write_text(lines["Hemmelig"].strip(), encoding="utf-8")
    assert recipients(lines["Offentlig"])
    assert kald("backup", "gendan", "--data", here, "--identitet", str(tmp_path / "intet"))[0] == 2
    shutil.rmtree(settings.instance)
    data = next((tmp_path / "a").iterdir())
    keys = next((tmp_path / "b").iterdir())
    refused = kald("backup", "gendan", "--data", str(data), "--nøgler", str(keys), "--identitet", str(tmp_path / "id"))
    assert (refused[0], "passer ikke" in refused[2]) == (2, True)
    (tmp_path / "id").write_text(f"# backupnøgle\n{KOPI}\n", encoding="utf-8")
    done = kald("backup", "gendan", "--data", str(data), "--nøgler", str(keys), "--identitet", str(tmp_path / "id"))
    assert (done[0], "Gendannet i" in done[1]) == (0, True)
    assert f"Kopien ved intet om det, der er sket efter {tidspunkt(_taken(data))[:10]}" in done[1]


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_keys_that_are_older_than_the_data_are_told_of(
    settings: Settings, tomt: Settings, db: Session, kald: Kald, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opret_beboer(db, BeboerData(navn="Testa Opdigtet"))
    db.commit()
    _data, keys = kopi(settings, tmp_path / "før")
    opret_beboer(db, BeboerData(navn="Zxq Prøvesen"))
    db.commit()
    data, _keys = kopi(settings, tmp_path / "efter")
    (tmp_path / "id").write_text(str(KOPI), encoding="utf-8")
    monkeypatch.setenv("RAADGIVNING_INSTANCE", str(tomt.instance))
    told = kald("backup", "gendan", "--data", str(data), "--nøgler", str(keys), "--identitet", str(tmp_path / "id"))
    assert (told[0], "uden nøgle i kopien af nøgler: 1." in told[2]) == (1, True)


def _taken(path: Path) -> datetime:
    return datetime.fromisoformat(read(path, [KOPI], _drop).taget)


def test_nobody_is_signed_in_and_no_calendar_address_works_after_a_restore(
    kontekst: Nøglekontekst, personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path
) -> None:
    """What was ended after the backup must not come to life again."""
    hun = personale.brugere[Rolle.BEBOERRÅDGIVER]
    with kontekst.session(personale.aktør(Rolle.BEBOERRÅDGIVER)) as session:
        session.info["settings"] = settings
        start_session(session, session.get_one(Bruger, hun.id), "Prøve")
        ny_adresse(session)
        session.commit()
    data, keys = kopi(settings, tmp_path)
    restore(tomt, [KOPI], data, keys)
    after = open_instance(tomt)
    with after.session(Aktør()) as session, på_tværs(session):
        sessions, feeds = session.exec(select(BrugerSession)).all(), session.exec(select(Kalenderfeed)).all()
        assert [(one.afsluttet is not None, one.slut) for one in sessions] == [(True, Slut.GENDANNET)]
        assert [one.tilbagekaldt is not None for one in feeds] == [True]
    after.close()


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_a_database_from_before_receipts_is_copied_as_it_is_told_to_be_and_a_broken_one_is_named(
    settings: Settings, kald: Kald, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(settings.database_url)
    downgrade(engine, "0003")
    monkeypatch.setenv("RAADGIVNING_BACKUP_MODTAGER", str(KOPI.to_public()))
    tag = ("backup", "tag", "--til", str(tmp_path / "a"), "--nøgler-til", str(tmp_path / "b"))
    for folder, slags in (("a", DATA), ("b", NØGLER)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{slags}-20200101T000000Z.age").touch()
    code, out, _err = kald(*tag)
    assert (code, out.splitlines()[-1]) == (0, "2 ældre kopier slettet")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kvittering (id int)")
    engine.dispose()
    code, _out, err = kald(*tag)
    assert (code, "de gamle kopier er ikke slettet" in err, err.count("\n")) == (2, True, 1)


@pytest.mark.parametrize("databasetype", ["sqlite"], indirect=True)
def test_days_that_an_upgrade_has_forbidden_stop_no_copy(
    settings: Settings, kald: Kald, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAADGIVNING_BACKUP_MODTAGER", str(KOPI.to_public()))
    tag = ("backup", "tag", "--til", str(tmp_path / "a"), "--nøgler-til", str(tmp_path / "b"))
    (tmp_path / "a").mkdir()
    for days in (100, 80):
        (tmp_path / "a" / f"data-{now() - timedelta(days=days):%Y%m%dT%H%M%SZ}.age").touch()
    code, out, err = kald(*tag, "--behold-dage", "365")
    assert (code, out.count("læst tilbage"), out.splitlines()[-1]) == (1, 2, "1 ældre kopier slettet")
    assert "data 1-90" in err
    code, _out, err = kald(*tag, "--behold-nøgledage", "60")
    assert (code, "Nøgler beholdes 1-30" in err) == (1, True)
    assert len(list((tmp_path / "a").iterdir())) == 2


@pytest.mark.parametrize("databasetype", ["postgresql"], indirect=True)
def test_a_restore_says_what_is_left_to_do_when_an_account_cannot_be_used(
    personale: Personale, settings: Settings, tomt: Settings, tmp_path: Path
) -> None:
    data, keys = kopi(settings, tmp_path)
    program = som(tomt.ejer_database_url, "program", "tom")
    read_only = replace(tomt, opgrader_database_url=program, opgrader_keystore_url=program)
    with pytest.raises(ArkivFejl, match="tog ikke imod kopien"):
        restore(read_only, [KOPI], data, keys)
    assert is_empty(tomt.ejer_database_url, DATA)
    wrong = replace(tomt, database_url=som(tomt.ejer_database_url, "ukendt", "tom"))
    with pytest.raises(ArkivFejl, match=r"Alt er gendannet.*database opgrader"):
        restore(wrong, [KOPI], data, keys)
    bring_up_to_date(tomt)
    assert åbn_alle(tomt, personale.aktør(Rolle.BEBOERRÅDGIVER)) == {}
