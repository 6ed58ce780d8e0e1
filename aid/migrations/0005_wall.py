from django.db import migrations

# A contact passes for those who own its request, or answer for its area; it is only read by those whom it was shared
# with or released to. Forced: the table's owner is held by it, too.
POLICIES = """
ALTER TABLE aid_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE aid_contact FORCE ROW LEVEL SECURITY;
CREATE POLICY contact_of_own ON aid_contact USING (
    wall_is_open() OR EXISTS (
        SELECT FROM aid_aidrequest
        WHERE aid_aidrequest.id = aid_request_id
          AND (reported_by_id = ANY (wall_ids('organisations'))
               OR area_id = ANY (wall_ids('areas'))
               OR (area_id IS NULL AND wall_ids('areas') IS NOT NULL))
    )
);
CREATE POLICY contact_given ON aid_contact FOR SELECT USING (
    aid_request_id = ANY (wall_ids('aid_requests')) OR EXISTS (
        SELECT FROM aid_aidrequest
        WHERE aid_aidrequest.id = aid_request_id
          AND (reported_by_id = ANY (wall_ids('shared_organisations'))
               OR caseload_id = ANY (wall_ids('shared_caseloads')))
    )
);
"""
NO_POLICIES = """
DROP POLICY contact_of_own ON aid_contact;
DROP POLICY contact_given ON aid_contact;
ALTER TABLE aid_contact NO FORCE ROW LEVEL SECURITY;
ALTER TABLE aid_contact DISABLE ROW LEVEL SECURITY;
"""

# Behind the wall, for the search of duplicates over all organisations: it tells which requests, never whose.
SEARCH = """
CREATE FUNCTION aid_requests_with_phone(indexes text[]) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    told text := COALESCE(current_setting('wall.everything', true), '');
BEGIN
    PERFORM set_config('wall.everything', 'on', true);
    RETURN QUERY SELECT aid_request_id FROM aid_contact WHERE phone_index = ANY (indexes);
    PERFORM set_config('wall.everything', told, true);
END $$;
REVOKE EXECUTE ON FUNCTION aid_requests_with_phone(text[]) FROM PUBLIC;
"""
NO_SEARCH = "DROP FUNCTION aid_requests_with_phone(text[]);"


class Migration(migrations.Migration):
    dependencies = [("aid", "0004_public_counts_of_needs"), ("access", "0003_wall")]

    operations = [migrations.RunSQL(POLICIES, NO_POLICIES), migrations.RunSQL(SEARCH, NO_SEARCH)]
