"""Alembic's environment: the tables of every room, on a connection given by the program or made from the settings."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection

from rådgivning.database import make_engine
from rådgivning.drift.schema import all_tables
from rådgivning.settings import Settings


def run(connection: Connection) -> None:
    """Run the migrations on this connection."""
    context.configure(
        connection=connection,
        target_metadata=all_tables(),
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="",
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(Settings.from_environment(os.environ).database_url).begin() as own:
        run(own)
