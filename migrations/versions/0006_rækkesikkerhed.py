"""Row-level security: PostgreSQL shows a transaction the rows of one helhedsplan, and none before it is told which.

Every table that has a helhedsplan, and the two whose rows hang on such a one. The owner of the tables goes by it too.
A table that comes later brings its own policy (tests/test_rows.py). SQLite has nothing like it.

Revision: 0006, after 0005.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SETTING = "current_setting('raadgivning.helhedsplan', true)"
TOLD = f"CASE WHEN {SETTING} NOT IN ('', 'alle', 'log-ind') THEN {SETTING}::uuid END"
OWN = f"helhedsplan_id = (SELECT {TOLD})"  # a subquery: asked once a statement, not once a row
ACROSS = f"(SELECT {SETTING} = 'alle')"
# Before anybody has signed in the program looks users up, and nothing else.
SIGN_IN = f"(SELECT {SETTING} IN ('alle', 'log-ind'))"
CHILDREN = {
    "sundhedstjek_fremmøde": ("sundhedstjek", "sundhedstjek_id"),
    "rettighedsafgørelse": ("rettighedsgennemgang", "gennemgang_id"),
}


def upgrade() -> None:
    """Add the policies."""
    for table, rule in _rules().items():
        op.execute(f'CREATE POLICY helhedsplan ON "{table}" USING ({rule})')
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


def downgrade() -> None:
    """Take them away again."""
    for table in _rules():
        op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        op.execute(f'DROP POLICY helhedsplan ON "{table}"')


def _rules() -> dict[str, str]:
    """What decides about a row, by table; on SQLite nothing."""
    if op.get_bind().dialect.name != "postgresql":
        return {}
    query = text(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND column_name = 'helhedsplan_id' ORDER BY table_name"
    )
    rules = {table: f"{OWN} OR {SIGN_IN if table == 'bruger' else ACROSS}" for table in op.get_bind().scalars(query)}
    for table, (parent, column) in CHILDREN.items():
        rules[table] = f'EXISTS (SELECT FROM "{parent}" WHERE "{parent}".id = "{table}"."{column}")'
    return rules
