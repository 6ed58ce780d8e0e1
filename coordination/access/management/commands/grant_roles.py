"""Make the database role that serves callers, and give it no more than it needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pghistory.models
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from psycopg import sql

from coordination.access.models import AccessRecord, ErasureTombstone

# What was written here stays as it is: nobody who gets into the web process can change who read and who did what.
APPEND_ONLY = (AccessRecord, ErasureTombstone, pghistory.models.Event)

MAKE = """
DO $$ BEGIN
    CREATE ROLE {role};
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$
"""
ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
GRANTS = """
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role};
GRANT INSERT ON {append_only} TO {role};
GRANT INSERT, UPDATE, DELETE ON {changing} TO {role};
"""


class Command(BaseCommand):
    """Run by the owner of the tables, after every migrate; a second run changes nothing."""

    help = "Make the database role of the web process, the workers and the relay, and grant it what they need."

    def handle(self, *_args: Any, **_options: Any) -> None:
        there = set(connection.introspection.table_names())
        models = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in there]
        tables = {model._meta.db_table: model for model in models}
        fixed = {table for table, model in tables.items() if issubclass(model, APPEND_ONLY)}
        # The cache is a table without a model.
        changing = set(tables) - fixed | {settings.CACHES["default"]["LOCATION"]} & there
        names = {
            "role": sql.Identifier(settings.DATABASE_ROLE),
            "append_only": _identifiers(fixed),
            "changing": _identifiers(changing),
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.SQL(MAKE).format(**names))
            cursor.execute("SELECT * FROM pg_roles WHERE rolname = %s AND rolcanlogin", [settings.DATABASE_ROLE])
            # A role belongs to the whole cluster: it is left alone where nothing about it has to change.
            if settings.DATABASE_ROLE_PASSWORD or not cursor.fetchone():
                password = sql.Literal(settings.DATABASE_ROLE_PASSWORD or None)
                alter = sql.SQL("ALTER ROLE {role} " + ATTRIBUTES + " PASSWORD {password}")
                cursor.execute(alter.format(**names, password=password))
            cursor.execute(sql.SQL(GRANTS).format(**names))


def _identifiers(tables: Collection[Any]) -> sql.Composed:
    return sql.SQL(", ").join([sql.Identifier(table) for table in sorted(tables)])
