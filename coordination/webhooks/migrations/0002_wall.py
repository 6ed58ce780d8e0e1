from django.db import migrations

# An endpoint holds a sealed secret.
POLICY = """
ALTER TABLE webhooks_webhookendpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks_webhookendpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY endpoint_of_own ON webhooks_webhookendpoint USING (
    wall_is_open() OR organisation_id = ANY (wall_ids('organisations'))
);
"""
NO_POLICY = """
DROP POLICY endpoint_of_own ON webhooks_webhookendpoint;
ALTER TABLE webhooks_webhookendpoint NO FORCE ROW LEVEL SECURITY;
ALTER TABLE webhooks_webhookendpoint DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial"), ("access", "0003_wall")]

    operations = [migrations.RunSQL(POLICY, NO_POLICY)]
