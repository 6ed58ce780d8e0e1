from django.contrib.postgres.operations import BtreeGistExtension, CreateExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """The extensions come first and with the migrations, so that every test database has them too."""

    initial = True
    operations = [CreateExtension("postgis"), BtreeGistExtension(), TrigramExtension()]
