from django.db import migrations

FILL = """
INSERT INTO access_caseload (id, organisation_id, area_id)
SELECT gen_random_uuid(), reported_by_id, area_id
FROM (SELECT DISTINCT reported_by_id, area_id FROM aid_aidrequest WHERE area_id IS NOT NULL) AS known
ON CONFLICT DO NOTHING;
UPDATE aid_aidrequest
SET caseload_id = access_caseload.id
FROM access_caseload
WHERE access_caseload.organisation_id = aid_aidrequest.reported_by_id
  AND access_caseload.area_id = aid_aidrequest.area_id;
"""


class Migration(migrations.Migration):
    dependencies = [("aid", "0002_who_sees_what"), ("access", "0002_who_sees_what")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
