from django.db import migrations

# What `coordination.access.wall` told this transaction: ids that may pass, or nothing.
MAKE = """
CREATE FUNCTION wall_ids(told text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT NULLIF(current_setting('wall.' || told, true), '')::uuid[] $$;
CREATE FUNCTION wall_is_open() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT COALESCE(current_setting('wall.everything', true), '') = 'on' $$;
"""
DROP = "DROP FUNCTION wall_ids(text); DROP FUNCTION wall_is_open();"


class Migration(migrations.Migration):
    dependencies = [("access", "0002_who_sees_what")]

    operations = [migrations.RunSQL(MAKE, DROP)]
