"""Row-level security: what PostgreSQL shows of another helhedsplan, whatever the program forgets to ask."""

from __future__ import annotations

import ast
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, delete, func, select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlmodel import Session

from rådgivning.adgang.models import Bruger
from rådgivning.adgang.permissions import Rolle
from rådgivning.database import new_id, now, på_tværs, synlig
from rådgivning.drift.schema import all_tables
from rådgivning.kontakter.models import Kontakt
from rådgivning.settings import Settings
from rådgivning.spor.trail import Aktør
from rådgivning.sundhedstjek.models import Sundhedstjek, SundhedstjekFremmøde
from tests.conftest import Personale

ROOT = Path(__file__).resolve().parents[1]
UNGUARDED = {
    "helhedsplan": "the plans themselves: public agreements, and the list that cross-plan work goes through",
    "spor": "chains by helhedsplan; checked, cut and told of as a whole, and no row says anything personal",
    "spor_hoved": "as spor",
    "spor_nævnt": "as spor: whom its entries name",
    "spor_sendt": "as spor: how much of each chain has left the machine",
    "nøglekontrol": "the keyring's check values, compared before anybody acts",
    "sletning": "ids whose keys are destroyed, carried out at every start",
    "begrænsningslæsning": "a user's own leave to read, by her id",
    **dict.fromkeys(
        ("fremmed_afvist", "loginforsøg", "oidc_brugt"), "strangers, who belong to no helhedsplan, as keyed marks"
    ),
    **dict.fromkeys(
        ("beskedvalg", "bopæl", "bruger_faktor", "bruger_identitet", "brugersession", "enhed", "genoprettelseskode",
         "identitet_invitation", "kalenderfeed", "mellemtrin", "visning"),
        "of one user: found by her id or by the hash of a secret, before it is known who she is",
    ),
}  # fmt: skip
ACROSS = {
    "rådgivning/adgang/users.py": "the look-up of a user name, which nobody else may have",
    "rådgivning/database.py": "the definition",
    "rådgivning/drift/after_restore.py": "whose sessions and addresses end, after a restore",
    "rådgivning/drift/beskeder.py": "the mail queue",
    "rådgivning/drift/brugere.py": "users by name, from the command line",
    "rådgivning/drift/databeskyttelse.py": "the heads of the chains to every databeskyttelse",
    "rådgivning/drift/demo.py": "the demo",
    "rådgivning/drift/demo_colleague.py": "the demo",
    "rådgivning/drift/demo_fill.py": "the demo",
    "rådgivning/drift/importer.py": "whose import it is, by name",
    "rådgivning/drift/instance.py": "whether anybody's envelope has lost its key, at a start",
    "rådgivning/drift/instans.py": "a new instance",
    "rådgivning/drift/planer.py": "plan files",
    "rådgivning/drift/registrerede.py": "in which helhedsplan a resident is",
    "rådgivning/drift/replaying.py": "erasures, after a restore",
    "rådgivning/drift/restoring.py": "what receipts promise of backups",
    "rådgivning/drift/schema.py": "migrations",
    "rådgivning/drift/snapshots.py": "backups",
}


@pytest.fixture
def databasetype() -> str:
    """SQLite has no row-level security."""
    return "postgresql"


@pytest.fixture
def strict(settings: Settings, personale: Personale) -> Iterator[Engine]:
    """The program's account, with a pool of one connection that everybody shares."""
    url = settings.database_url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=1)
    yield engine
    engine.dispose()


@pytest.fixture
def som(strict: Engine) -> Callable[[Aktør | None], Session]:
    """A Session of an actor; of None one that is told nothing."""

    def make(aktør: Aktør | None) -> Session:
        session = Session(strict)
        if aktør is not None:
            session.info["aktør"] = aktør
        return session

    return make


Som = Callable[[Aktør | None], Session]


@pytest.fixture
def mine(personale: Personale) -> Aktør:
    """The beboerrådgiver of one helhedsplan."""
    return personale.aktør(Rolle.BEBOERRÅDGIVER)


@pytest.fixture
def theirs(som: Som, mine: Aktør) -> Aktør:
    """Another helhedsplan in the same database, which holds as much as the first: one of each."""
    plan_id = new_id()
    user = Bruger(helhedsplan_id=plan_id, brugernavn="x", navn="Testa", rolle="leder", kodeord="", oprettet=now())
    other = Aktør(user.id, Rolle.BEBOERRÅDGIVER, plan_id)
    with som(None) as session, på_tværs(session):
        session.add(user)
        session.flush()
        for who in (mine, other):
            check = Sundhedstjek(**_row(who), sted="a", tema="", titel="")
            session.add_all([_contact(who), check])
            session.flush()
            session.add(
                SundhedstjekFremmøde(sundhedstjek_id=check.id, aldersgruppe="ukendt", antal=1, faktum_id=new_id())
            )
        session.commit()
    return other


def _row(who: Aktør) -> dict[str, Any]:
    return {"id": new_id(), "helhedsplan_id": who.helhedsplan_id, "ejer_id": who.bruger_id, "dato": date(2026, 3, 1)}


def _contact(who: Aktør) -> Kontakt:
    return Kontakt(**_row(who), oprettet=now(), sealed=b"x")


def _plans(session: Session, table: str = "kontakt") -> list[uuid.UUID]:
    return list(session.execute(text(f"SELECT helhedsplan_id FROM {table}")).scalars())


def test_every_table_of_a_helhedsplan_is_guarded_from_its_owner_too_and_every_other_is_named(engine: Engine) -> None:
    query = text(
        "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid WHERE relrowsecurity"
        " AND relforcerowsecurity AND polpermissive AND polcmd = '*' AND polroles = '{0}'"
    )
    with engine.connect() as connection:
        guarded = set(connection.execute(query).scalars())
    tables = all_tables().tables
    assert {name for name, table in tables.items() if "helhedsplan_id" in table.c} <= guarded
    assert guarded | set(UNGUARDED) == set(tables)
    assert not guarded & set(UNGUARDED)


def test_a_query_that_forgets_the_helhedsplan_gets_no_row_of_another(som: Som, mine: Aktør, theirs: Aktør) -> None:
    for who in (mine, theirs):
        with som(who) as session:
            assert _plans(session) == [who.helhedsplan_id]
            assert [row.helhedsplan_id for row in session.scalars(select(Kontakt))] == [who.helhedsplan_id]
            assert session.scalar(select(func.count()).select_from(SundhedstjekFremmøde)) == 1
            assert set(_plans(session, "bruger")) == {who.helhedsplan_id}


def test_nothing_of_another_helhedsplan_is_changed_deleted_or_added(som: Som, mine: Aktør, theirs: Aktør) -> None:
    with som(mine) as session:
        assert session.execute(update(Kontakt).values(version=7)).rowcount == 1  # type: ignore[attr-defined]
        assert session.execute(text("DELETE FROM sundhedstjek_fremmøde")).rowcount == 1  # type: ignore[attr-defined]
        assert session.execute(delete(Kontakt)).rowcount == 1  # type: ignore[attr-defined]
        session.commit()
        moved = text("UPDATE sundhedstjek SET helhedsplan_id = :p")
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.execute(moved, {"p": theirs.helhedsplan_id})
        session.rollback()
        session.add(_contact(theirs))
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.flush()
        session.rollback()
    with som(theirs) as session:
        assert [row.version for row in session.scalars(select(Kontakt))] == [1]
        assert session.scalar(select(func.count()).select_from(SundhedstjekFremmøde)) == 1


def test_who_is_not_told_sees_nothing_and_who_has_not_signed_in_sees_users_alone(
    som: Som, mine: Aktør, theirs: Aktør
) -> None:
    for who in (None, Aktør()):
        with som(who) as session:
            assert [_plans(session), _plans(session, "bruger")] == [[], []]
    with som(Aktør(rolle="ingen")) as session:
        assert _plans(session) == []
        assert set(_plans(session, "bruger")) == {mine.helhedsplan_id, theirs.helhedsplan_id}
        session.add(_contact(mine))
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.flush()


def test_a_pooled_connection_keeps_nothing_of_whoever_had_it_before(
    som: Som, strict: Engine, mine: Aktør, theirs: Aktør
) -> None:
    for ending in ("commit", "rollback", "close"):
        for who, seen in ((mine, [mine.helhedsplan_id]), (theirs, [theirs.helhedsplan_id]), (None, [])):
            with som(who) as session:
                assert _plans(session) == seen
                getattr(session, ending)()
        with strict.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM kontakt")).scalar() == 0


def test_the_setting_follows_commits_savepoints_and_whoever_acts(som: Som, mine: Aktør, theirs: Aktør) -> None:
    with som(mine) as session:
        own, other, both = [mine.helhedsplan_id], [theirs.helhedsplan_id], 2
        assert _plans(session) == own
        session.commit()
        assert _plans(session) == own
        session.info["aktør"] = theirs
        assert _plans(session) == other
        savepoint = session.begin_nested()
        session.info["aktør"] = mine
        assert _plans(session) == own
        savepoint.rollback()
        assert _plans(session) == own, "undoing the savepoint undid the setting, but not who acts"
        with på_tværs(session):
            assert len(_plans(session)) == both
            session.rollback()
            assert len(_plans(session)) == both
        assert (_plans(session), synlig(session)) == (own, str(own[0]))
        with pytest.raises(IntegrityError), på_tværs(session):
            session.execute(text("INSERT INTO nøglekontrol (kid, kcv) SELECT kid, kcv FROM nøglekontrol"))
        session.rollback()
        assert _plans(session) == own


def test_the_index_is_used_as_before_and_the_rule_is_read_once_a_statement(som: Som, mine: Aktør) -> None:
    with som(mine) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        query = text("EXPLAIN SELECT id FROM opgave WHERE helhedsplan_id = :p AND ejer_id = :e")
        told = session.execute(query, {"p": mine.helhedsplan_id, "e": mine.bruger_id}).scalars()
        plan = "\n".join(told)
    assert "Index Cond" in plan
    assert plan.count("InitPlan") >= 2
    assert "SubPlan" not in plan


def test_only_the_named_code_works_across_helhedsplaner() -> None:
    found = set()
    for path in (ROOT / "rådgivning").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        words = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        if names & {"på_tværs", "se_alle"} or any("raadgivning.helhedsplan" in word for word in words):
            found.add(path.relative_to(ROOT).as_posix())
    assert found == set(ACROSS)
