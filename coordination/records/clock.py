"""The one clock: the database's."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Read the database's clock; doors and tasks read it once and hand it down as `now`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
