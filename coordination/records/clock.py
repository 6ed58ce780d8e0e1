"""The one clock: the database's."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import DateTimeField, Func, Value
from django.db.models.functions import Now

# In steps of this the public's time goes.
PUBLIC_STEP = timedelta(minutes=1)


def database_now() -> datetime:
    """Read the database's clock; doors and tasks read it once and hand it down as `now`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def public_now() -> Func:
    """Give, for a condition, the time by which the public is told what time alone brings to light: whole minutes.

    Its answers may then be kept until the next minute begins, and that they may tells nobody that something is due.
    """
    return Func(Value("minute"), Now(), function="DATE_TRUNC", output_field=DateTimeField())
