"""Accounts, what their roles allow, and the keys of walls."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, Table

from data_access.model.tables import code, metadata

# The schema brings rows along: they are replaced by those of a county that is copied.
_SEEDED = {"is_seeded": True}

# A role is a set of rights (see data_access.access.RIGHTS). Counties change what a role may; the code knows rights only.
role = Table(
    "role",
    metadata,
    code("code", primary_key=True),
    Column("name_zh", String(64), nullable=False),
    Column("name_en", String(64), nullable=False),
    # Whether accounts of the role see the cases of their own townships alone, and so need some
    Column("is_of_townships", Boolean, nullable=False),
    # The order in which roles are listed
    Column("position", Integer, nullable=False),
    info=_SEEDED,
)
role_right = Table(
    "role_right",
    metadata,
    Column("role_code", String(64), ForeignKey("role.code"), primary_key=True),
    Column("right_code", String(32), primary_key=True),
    info=_SEEDED,
)

account = Table(
    "account",
    metadata,
    # What is typed to sign in, or what the proxy or the identity service calls the person
    Column("name", String(120), primary_key=True),
    Column("full_name", String(64), nullable=False),
    Column("role_code", String(64), ForeignKey("role.code"), nullable=False),
    # Null: signs in elsewhere
    Column("password_hash", String(200)),
    # Somebody else knows the password: the first thing to do is to choose another
    Column("must_change", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    # After too many failures
    Column("locked_until", DateTime),
    # By an administrator
    Column("is_locked", Boolean, nullable=False),
    # Counted up to end all sessions of the account
    Column("epoch", Integer, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("signed_in_at", DateTime),
)
# The townships whose cases an account may see; no row: those of all, or of none where the role is of townships
account_township = Table(
    "account_township",
    metadata,
    Column("account_name", String(120), ForeignKey("account.name"), primary_key=True),
    Column("township_code", String(12), ForeignKey("township.code"), primary_key=True),
)
# The departments whose cases an account may see; no row: those of all
account_department = Table(
    "account_department",
    metadata,
    Column("account_name", String(120), ForeignKey("account.name"), primary_key=True),
    # As petition.department has it
    Column("department", String(120), primary_key=True),
)

# A wall shows figures for months without anybody signing in: who has the key may see it, until the key is revoked.
wall_key = Table(
    "wall_key",
    metadata,
    code("id", primary_key=True),
    Column("name", String(64), nullable=False),
    # Of the key; the key itself is shown once
    Column("sha256", String(64), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
)
