"""What the trail's entries name, to find them by: filled in for the entries that are there.

Revision: 0005, after 0004.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_EACH = {"sqlite": "json_each(s.{names}) AS j", "postgresql": "json_array_elements_text(s.{names}) AS j(value)"}


def upgrade() -> None:
    """Each id of an entry once: as a resident where it stands among them."""
    each = _EACH[op.get_bind().dialect.name]
    for names, resident in (("beboere", "true"), ("rækker", "false")):
        op.execute(
            f"""
            INSERT INTO "spor_nævnt" ("kæde", nr, om, beboer, "læst_af")
            SELECT DISTINCT s."kæde", s.nr, j.value, {resident}, CASE WHEN s.handling = 'åbnet' THEN s."aktør" END
            FROM spor AS s, {each.format(names=f'"{names}"')} WHERE true
            ON CONFLICT DO NOTHING
            """  # noqa: S608 - fixed words
        )


def downgrade() -> None:
    """The entries themselves have it all."""
    op.execute('DELETE FROM "spor_nævnt"')
