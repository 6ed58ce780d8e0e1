"""Questions about webhooks: an organisation sees its own, the cell all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coordination.access.querysets import OfOrganisation
from coordination.records.visibility import VisibleQuerySet

if TYPE_CHECKING:
    from coordination.webhooks.models import (
        WebhookDelivery,
        WebhookEndpoint,
    )


class WebhookEndpointQuerySet(OfOrganisation, VisibleQuerySet["WebhookEndpoint"]):
    """Endpoints of the actor's organisations."""


class WebhookDeliveryQuerySet(OfOrganisation, VisibleQuerySet["WebhookDelivery"]):
    """Deliveries to endpoints of the actor's organisations."""

    organisation_path = "endpoint__organisation"
