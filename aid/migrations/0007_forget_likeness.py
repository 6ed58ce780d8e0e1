from django.db import migrations

# That two requests were alike tells of one, when nobody may know any more whose it was, by the other. Of what was told
# about it the event stays, for those who replay events from there, without the other request.
MAKE = """
CREATE FUNCTION aid_forget_likeness(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH forgotten AS (
        SELECT array_agg(id) AS ids FROM aid_aidrequest WHERE id = ANY (ids) AND anonymised_at IS NOT NULL
    ), gone AS (
        DELETE FROM aid_possibleduplicateevent AS past USING forgotten
        WHERE past.earlier_id = ANY (forgotten.ids) OR past.later_id = ANY (forgotten.ids)
        RETURNING past.earlier_id, past.later_id
    )
    UPDATE outbox_event AS told SET data = told.data - 'earlier' - 'earlier_ref' - 'reasons'
    FROM gone
    WHERE told.subject_id = gone.later_id AND told.data ->> 'earlier' = gone.earlier_id::text;
$$;
REVOKE EXECUTE ON FUNCTION aid_forget_likeness(uuid[]) FROM PUBLIC;
"""
DROP = "DROP FUNCTION aid_forget_likeness(uuid[]);"


class Migration(migrations.Migration):
    dependencies = [("aid", "0006_forget_history"), ("outbox", "0001_initial")]

    operations = [migrations.RunSQL(MAKE, DROP)]
