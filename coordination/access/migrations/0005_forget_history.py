from django.db import migrations

# The role of the web process cannot change a history. This takes out of it who somebody was, once he is erased, and
# nothing else: whoever gets into that process cannot rewrite by it what was done.
MAKE = """
CREATE FUNCTION access_forget_user_history(erased uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE access_userevent AS past
    SET username = now.username, email = now.email, first_name = now.first_name, last_name = now.last_name
    FROM access_user AS now
    JOIN access_erasuretombstone AS mark ON mark.subject = 'access.user' AND mark.subject_id = now.id
    WHERE now.id = erased AND past.pgh_obj_id = now.id;
$$;
REVOKE EXECUTE ON FUNCTION access_forget_user_history(uuid) FROM PUBLIC;
"""
DROP = "DROP FUNCTION access_forget_user_history(uuid);"


class Migration(migrations.Migration):
    dependencies = [("access", "0004_oauth_client_history")]

    operations = [migrations.RunSQL(MAKE, DROP)]
