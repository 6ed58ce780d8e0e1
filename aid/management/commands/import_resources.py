"""Import resources from a partner's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from aid.actions.change_resource import ResourceChanges, change_resource
from aid.actions.offer_resource import offer_resource
from aid.enums import Condition
from aid.models import Item, Resource
from coordination.access.importing import OrganisationImport
from coordination.interop.report import Verdict
from coordination.interop.row_reader import RowReader


class Command(OrganisationImport):
    """Offer each row as a resource, and bring those that the file tells again up to date.

    `item` is a code of the catalogue; a resource without a place cannot be matched and is not taken.
    """

    help = str(_("Import resources from GeoJSON, CSV, JSON or XLSX."))
    fields = (
        "item", "name", "total", "lon", "lat", "service_radius_m", "available_from", "expires_at", "conditions",
        "is_exercise", "client_ref",
    )  # fmt: skip

    def prepare(self, options: Mapping[str, Any]) -> None:
        """Look up the catalogue and what the organisation offers already."""
        super().prepare(options)
        self._items = {item.code: item for item in Item.objects.all()}
        offered = Resource.objects.filter(provider=self.organisation).exclude(client_ref="")
        self._offered = {resource.client_ref: resource for resource in offered.select_related("item")}

    def import_row(self, reader: RowReader) -> tuple[Verdict, str]:
        """Offer a resource, or change what the file tells otherwise than before."""
        client_ref = reader.source_ref()
        self.refuse_repeated(reader, client_ref)
        told = self._told(reader)
        if client_ref in self._offered:
            return self._change(self._offered[client_ref], told), client_ref
        offer_resource(
            provider=self.organisation,
            item=self._items[reader.need("item", reader.choice("item", self._items))],
            is_exercise=bool(reader.boolean("is_exercise")),
            client_ref=client_ref,
            actor=self.actor,
            now=self.now,
            **told,
        )
        return Verdict.KEPT, client_ref

    def _told(self, reader: RowReader) -> ResourceChanges:
        """Give what the row says; what it leaves open is left out."""
        told: dict[str, Any] = {
            "name": reader.text("name"),
            "total": reader.need("total", reader.integer("total")),
            "location": reader.need("location", reader.point(settings.DEPLOYMENT_BOUNDS)),
            "service_radius_m": reader.integer("service_radius_m"),
            "available_from": reader.moment("available_from"),
            "expires_at": reader.moment("expires_at"),
            "conditions": reader.choices("conditions", Condition.values),
        }
        return ResourceChanges(**{name: value for name, value in told.items() if value not in (None, "", [])})  # type: ignore[typeddict-item] # the names are those of the literal above

    def _change(self, resource: Resource, told: ResourceChanges) -> Verdict:
        changes = ResourceChanges(
            **{name: value for name, value in told.items() if value != getattr(resource, name)}  # type: ignore[typeddict-item] # a part of what was given
        )
        if not changes:
            return Verdict.UNCHANGED
        change_resource(resource=resource, actor=self.actor, now=self.now, **changes)
        return Verdict.UPDATED
