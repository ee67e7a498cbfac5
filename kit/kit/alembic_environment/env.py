"""Alembic's environment, the same for every database: one transaction per revision, one runner at a time."""

from alembic import context
from sqlalchemy import create_engine, pool, text

LOCK = 7_262_611_421


def run() -> None:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("set statement_timeout = '10min'"))
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
        # Only now: another process's migrations may take longer than a lock on a table in use ever should.
        connection.execute(text("set lock_timeout = '5s'"))
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
