"""Questions about webhooks: an organisation sees its own, the cell all."""

from __future__ import annotations

from coordination.access.querysets import OfOrganisation
from coordination.records.visibility import VisibleQuerySet


class WebhookEndpointQuerySet(OfOrganisation, VisibleQuerySet["WebhookEndpoint"]):
    """Endpoints of the actor's organisations."""


class WebhookDeliveryQuerySet(OfOrganisation, VisibleQuerySet["WebhookDelivery"]):
    """Deliveries to endpoints of the actor's organisations."""

    organisation_path = "endpoint__organisation"
