"""Load the catalogue of items."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from aid.management.scenario.reading import read_items
from aid.models import Item


class Command(BaseCommand):
    """Bring the catalogue up to date by code; items that the file does not name stay as they are."""

    help = str(_("Load the catalogue of items, or bring it up to date."))

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the items that are new or differ."""
        counts = {"created": 0, "changed": 0, "unchanged": 0}
        known = {item.code: item for item in Item.objects.all()}
        for row in read_items():
            counts[_write(known.get(row["code"]), row)] += 1
        if options["verbosity"]:
            self.stdout.write(_("Items: %(created)d created, %(changed)d changed, %(unchanged)d unchanged.") % counts)


def _write(item: Item | None, row: dict[str, Any]) -> str:
    if item is None:
        Item.objects.create(**row)
        return "created"
    changes = {field: value for field, value in row.items() if getattr(item, field) != value}
    if not changes:
        return "unchanged"
    for field, value in changes.items():
        setattr(item, field, value)
    item.save(update_fields=list(changes))
    return "changed"
