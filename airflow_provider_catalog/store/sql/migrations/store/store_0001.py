"""The first tables of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "store_0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "catalog_alias",
        sa.Column("left_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("right_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", TEXT, autoincrement=False, nullable=False),
        sa.Column("producer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.Column("preference", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("left_id", "right_id", "rule", "producer_id"),
    )
    op.create_index("catalog_alias_right", "catalog_alias", ["right_id"], unique=False)
    op.create_table(
        "catalog_claim",
        sa.Column("content_id", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("aspect", TEXT, autoincrement=False, nullable=False),
        sa.Column("value_id", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("content_id", "subject_id", "aspect"),
        sqlite_with_rowid=False,
    )
    op.create_index("catalog_claim_subject", "catalog_claim", ["subject_id", "aspect", "content_id"], unique=False)
    op.create_table(
        "catalog_column",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("dataset_id", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("stated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("catalog_column_dataset", "catalog_column", ["dataset_id"], unique=False)
    op.create_table(
        "catalog_column_edge",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("producer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("patience", sa.SmallInteger(), nullable=False),
        sa.Column("missed", TEXT, nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("transformation", TEXT, nullable=False),
        sa.Column("source_node", sa.BigInteger(), nullable=False),
        sa.Column("target_node", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "producer_id", "source_id", "target_id", "kind", "valid_from"),
    )
    op.create_index(
        "catalog_column_edge_down", "catalog_column_edge", ["source_node", "valid_to", "target_node"], unique=False
    )
    op.create_index(
        "catalog_column_edge_up", "catalog_column_edge", ["target_node", "valid_to", "source_node"], unique=False
    )
    op.create_table(
        "catalog_dead_letter",
        sa.Column("id", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("producer", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sender", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "catalog_edge",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("producer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("patience", sa.SmallInteger(), nullable=False),
        sa.Column("missed", TEXT, nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("source_node", sa.BigInteger(), nullable=False),
        sa.Column("target_node", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "producer_id", "source_id", "target_id", "valid_from"),
    )
    op.create_index("catalog_edge_down", "catalog_edge", ["source_node", "valid_to", "target_node"], unique=False)
    op.create_index("catalog_edge_up", "catalog_edge", ["target_node", "valid_to", "source_node"], unique=False)
    op.create_table(
        "catalog_entity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("namespace", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("search_name", TEXT, nullable=False),
        sa.Column("node_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("catalog_entity_name", "catalog_entity", ["kind", "namespace", "name"], unique=False)
    op.create_index(
        "catalog_entity_node",
        "catalog_entity",
        ["node_id"],
        unique=False,
        sqlite_where=sa.text("node_id <> id"),
        postgresql_where=sa.text("node_id <> id"),
    )
    op.create_index("catalog_entity_search", "catalog_entity", ["search_name"], unique=False)
    op.create_table(
        "catalog_fact",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("aspect", TEXT, autoincrement=False, nullable=False),
        sa.Column("producer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("value_id", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "aspect", "producer_id", "valid_from"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "catalog_lease",
        sa.Column("role", TEXT, autoincrement=False, nullable=False),
        sa.Column("holder", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("role"),
    )
    op.create_table(
        "catalog_meta",
        sa.Column("name", TEXT, autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "catalog_outbox",
        sa.Column("node_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id"),
    )
    op.create_index("catalog_outbox_version", "catalog_outbox", ["version", "node_id"], unique=False)
    op.create_table(
        "catalog_port",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("producer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("direction", TEXT, autoincrement=False, nullable=False),
        sa.Column("dataset_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("patience", sa.SmallInteger(), nullable=False),
        sa.Column("missed", TEXT, nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "producer_id", "direction", "dataset_id", "valid_from"),
    )
    op.create_index("catalog_port_dataset", "catalog_port", ["dataset_id", "valid_to"], unique=False)
    op.create_table(
        "catalog_producer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "catalog_run",
        sa.Column("uid", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("run_id", TEXT, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("state_key", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("nominal_start", sa.BigInteger(), nullable=True),
        sa.Column("nominal_end", sa.BigInteger(), nullable=True),
        sa.Column("parent_run_id", TEXT, nullable=True),
        sa.Column("root_run_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("uid"),
    )
    op.create_index("catalog_run_job", "catalog_run", ["job_id", "first_at"], unique=False)
    op.create_table(
        "catalog_statement",
        sa.Column("id", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("producer_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("run_uid", sa.LargeBinary(), nullable=True),
        sa.Column("scope", sa.LargeBinary(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.SmallInteger(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("content_id", sa.LargeBinary(), nullable=True),
        sa.Column("lineage_id", sa.LargeBinary(), nullable=True),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("catalog_statement_content", "catalog_statement", ["content_id", "time"], unique=False)
    op.create_index(
        "catalog_statement_human",
        "catalog_statement",
        ["time"],
        unique=False,
        sqlite_where=sa.text("origin = 4"),
        postgresql_where=sa.text("origin = 4"),
    )
    op.create_index("catalog_statement_run", "catalog_statement", ["run_uid"], unique=False)
    op.create_index("catalog_statement_scope", "catalog_statement", ["scope", "job_id"], unique=False)
    op.create_index("catalog_statement_stream", "catalog_statement", ["job_id", "producer_id", "time"], unique=False)
    op.create_table(
        "catalog_stream",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("producer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settled", sa.LargeBinary(), nullable=True),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("last_time", sa.BigInteger(), nullable=False),
        sa.Column("last_rank", sa.SmallInteger(), nullable=False),
        sa.Column("last_statement", sa.LargeBinary(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "producer_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "catalog_target",
        sa.Column("name", TEXT, autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("down_since", sa.BigInteger(), nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "catalog_token",
        sa.Column("id", TEXT, autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("namespaces", TEXT, nullable=False),
        sa.Column("max_rate", sa.BigInteger(), nullable=False),
        sa.Column("max_bytes", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("catalog_token_hash", "catalog_token", ["hash"], unique=True)
    op.create_table(
        "catalog_totals",
        sa.Column("node_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("upstream", sa.BigInteger(), nullable=False),
        sa.Column("downstream", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id"),
    )
    op.create_table(
        "catalog_refused",
        sa.Column("node_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", TEXT, autoincrement=False, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("node_id", "target"),
        sqlite_with_rowid=False,
    )
    op.create_index("catalog_refused_target", "catalog_refused", ["target", "not_before", "node_id"], unique=False)
    op.create_table(
        "catalog_image",
        sa.Column("target", TEXT, autoincrement=False, nullable=False),
        sa.Column("thing", TEXT, autoincrement=False, nullable=False),
        sa.Column("taken_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("target", "thing", "taken_at"),
    )
    op.create_table(
        "catalog_value",
        sa.Column("id", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    for table in (
        "catalog_alias",
        "catalog_claim",
        "catalog_column",
        "catalog_column_edge",
        "catalog_dead_letter",
        "catalog_edge",
        "catalog_entity",
        "catalog_fact",
        "catalog_image",
        "catalog_lease",
        "catalog_meta",
        "catalog_outbox",
        "catalog_port",
        "catalog_producer",
        "catalog_run",
        "catalog_statement",
        "catalog_stream",
        "catalog_target",
        "catalog_token",
        "catalog_totals",
        "catalog_refused",
        "catalog_value",
    ):
        op.drop_table(table)
