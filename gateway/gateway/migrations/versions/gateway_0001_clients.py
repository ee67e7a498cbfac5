"""OAuth2 clients."""

from alembic import op

revision = "gateway_0001"
down_revision = None
depends_on = "kit_0001"


def upgrade() -> None:
    op.execute("""
        create table client (
            client_id text not null constraint pk_client primary key,
            name text not null,
            organization_id uuid,
            scopes text[] not null,
            secret_hash text not null,
            created_at timestamptz not null default now(),
            revoked_at timestamptz
        )
    """)


def downgrade() -> None:
    op.execute("drop table client")
