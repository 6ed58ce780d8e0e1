from django.db import migrations

# The role of the web process cannot change a history. This reduces that of anonymised requests to what their rows say
# now, and nothing else: whoever gets into that process cannot rewrite by it what was done.
MAKE = """
CREATE FUNCTION aid_forget_history(ids uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE aid_aidrequestevent AS past
    SET location = now.location, public_cell = now.public_cell, area_id = now.area_id, caseload_id = now.caseload_id,
        building_id = now.building_id, members = now.members, age_bands = now.age_bands,
        vulnerabilities = now.vulnerabilities, status_reason = now.status_reason, client_ref = now.client_ref
    FROM aid_aidrequest AS now
    WHERE now.id = ANY (ids) AND now.anonymised_at IS NOT NULL AND past.pgh_obj_id = now.id;

    UPDATE aid_matchevent AS past
    SET distance_m = now.distance_m, status_reason = now.status_reason, reasons = now.reasons
    FROM aid_match AS now
    JOIN aid_requestline AS line ON line.id = now.line_id
    JOIN aid_aidrequest AS asked ON asked.id = line.aid_request_id
    WHERE asked.id = ANY (ids) AND asked.anonymised_at IS NOT NULL AND past.pgh_obj_id = now.id;

    UPDATE aid_deliveryevent AS past
    SET failure_reason = now.failure_reason
    FROM aid_delivery AS now
    WHERE past.pgh_obj_id = now.id AND past.failure_reason <> '' AND EXISTS (
        SELECT FROM aid_match AS carried
        JOIN aid_requestline AS line ON line.id = carried.line_id
        JOIN aid_aidrequest AS asked ON asked.id = line.aid_request_id
        WHERE carried.delivery_id = now.id AND asked.id = ANY (ids) AND asked.anonymised_at IS NOT NULL
    );
$$;
REVOKE EXECUTE ON FUNCTION aid_forget_history(uuid[]) FROM PUBLIC;
"""
DROP = "DROP FUNCTION aid_forget_history(uuid[]);"


class Migration(migrations.Migration):
    dependencies = [("aid", "0005_wall")]

    operations = [migrations.RunSQL(MAKE, DROP)]
