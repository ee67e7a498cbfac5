"""Terms of services by another district than the one that answers for the school.

What was laid down before is said to others with the next change of the school's terms or of the agreement.
"""

from alembic import op
from kit.periods import never_overlap

revision = "registry_0008"
down_revision = "registry_0007"
depends_on = None

ONE_TERM = "(school_id::text || layer || coalesce(agreement_id::text, '') || service)"
ONE_TERM_OF_A_DISTRICT = (
    "(school_id::text || layer || coalesce(agreement_id::text, '') || coalesce(district_id::text, '') || service)"
)
COMMENT = "Whose service it is, where it is not the school''s own district''s."

ATTRIBUTE = """
    update service_term set district_id = party.organization_id
    from agreement_party as party
    where party.agreement_id = service_term.agreement_id
        and party.role = 'district'
        and not exists (
            select from school_assignment as held
            join agreement_party as bound on bound.organization_id = held.organization_id
            where bound.agreement_id = service_term.agreement_id
                and bound.role = 'district'
                and held.school_id = service_term.school_id
                and held.role = 'accountable-lea'
                and held.superseded_at is null
                and held.during && service_term.during
        )
"""


def upgrade() -> None:
    op.execute(
        "alter table service_term"
        " add column district_id uuid constraint fk_service_term_district_id references organization (id),"
        " add constraint ck_service_term_district_id check (district_id is null or layer in ('law', 'agreement'))"
    )
    op.execute(f"comment on column service_term.district_id is '{COMMENT}'")
    op.execute(ATTRIBUTE)
    _have_one("service_term", ONE_TERM_OF_A_DISTRICT)


def downgrade() -> None:
    # By a law that gives another district's services nothing can be said without saying whose they are.
    op.execute("delete from service_term where layer = 'law' and district_id is not null")
    _have_one("service_term", ONE_TERM)
    op.execute("alter table service_term drop column district_id")


def _have_one(table: str, key: str) -> None:
    op.execute(f"alter table {table} drop constraint ex_{table}_one")
    op.execute(never_overlap(table, "one", key, "text"))
