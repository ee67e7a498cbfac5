"""A nation of schools: 100,000 of them with ten years of dated facts, ten states of 10,000, a thousand districts."""

from typing import Any, LiteralString, cast

import psycopg

SCHOOLS, YEARS = 100_000, 10
DAY = "2024-10-01"
STATES = ("TX", "CA", "NY", "FL", "IL", "OH", "PA", "GA", "CO", "MA")

NATION = f"""
    insert into organization (id, version, name, types, time_zone)
    select uuidv7(), 1, 'District ' || n, '{{district}}', 'America/Chicago' from generate_series(1, 1000) n;
    create temp table o as select id, row_number() over (order by id) - 1 as n from organization;
    insert into school (version) select {YEARS} from generate_series(1, {SCHOOLS});
    create temp table s as
    select id, n, ('{{{",".join(STATES)}}}'::text[])[1 + n % {len(STATES)}] as state
    from (select id, row_number() over (order by id) - 1 as n from school) as numbered;
    insert into school_version
    select id, y, make_date(2015 + y, 7, 1) from s, generate_series(1, {YEARS}) y;
    insert into school_facts (school_id, during, recorded_at, name, school_type, operational_status, arrangement,
                              chartered, city, state, source)
    select id, daterange(make_date(2015 + y, 7, 1), case when y < {YEARS} then make_date(2016 + y, 7, 1) end),
           make_date(2015 + y, 7, 1), 'School ' || n, 'regular', 'active', 'traditional', false,
           'City', state, 'generated'
    from s, generate_series(1, {YEARS}) y order by id, y;
    insert into school_alias (school_id, during, recorded_at, system, value)
    select id, daterange('2016-07-01', null), date '2016-07-01', system, lpad(n::text, 12, '0')
    from s, lateral (values ('nces'), ('state:' || state)) as systems (system) order by id;
    insert into school_assignment (school_id, during, recorded_at, organization_id, role, source)
    select s.id, daterange('2016-07-01', null), date '2016-07-01', o.id, 'accountable-lea', 'generated'
    from s join o on o.n = s.n % 1000 order by s.id;
    insert into school_assignment (school_id, during, recorded_at, organization_id, role, source)
    select s.id, daterange(make_date(2015 + y, 7, 1), make_date(2016 + y, 7, 1)),
           make_date(2015 + y, 7, 1), o.id, 'operator', 'generated'
    from s join o on o.n = (s.n + 7) % 1000, generate_series(1, {YEARS}) y where s.n % 5 = 0 order by s.id, y;
"""


def make_nation(dsn: str) -> str:
    """Fill a registry's empty database; the id of a district that answers for every thousandth school from 0 on.

    The constraints against overlaps are checked at the end and all at once: several times faster.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        held = connection.execute(
            "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'x'"
        ).fetchall()
        for table, name, _ in held:
            _run(connection, f"alter table {table} drop constraint {name}")
        _run(connection, NATION)
        for table, name, definition in held:
            _run(connection, f"alter table {table} add constraint {name} {definition}")
        _run(connection, "vacuum analyze")
        row = connection.execute("select id from organization order by id limit 1").fetchone()
    assert row is not None
    return str(row[0])


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    connection.execute(cast(LiteralString, statement))
