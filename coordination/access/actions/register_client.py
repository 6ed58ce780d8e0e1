from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from coordination.access import policies
from coordination.access.actions.checks import check_active, check_end, check_scopes
from coordination.access.actors import Actor
from coordination.access.models import ApiClient, Organisation
from coordination.outbox.publishing import publish
from coordination.records.actions import action
from coordination.records.errors import require


@action
def register_client(
    *,
    organisation: Organisation,
    name: str,
    scopes: Sequence[str],
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> ApiClient:
    """Add a system that acts for an organisation; keys and an OAuth2 secret are made for it afterwards.

    Raises NotAllowed: unless the actor manages the organisation. Raises OrganisationNotActive: when it is not.
    Raises ScopesBeyondReach: for more than the actor may there himself, and for managing access.
    Raises EndNotAhead: when it ended before. Raises InvalidFields, ConstraintViolated: for a bad or used name.
    """
    require(policies.may_manage(actor, organisation))
    check_active(organisation)
    check_end(until, now=now)
    check_scopes(scopes, policies.scopes_to_give(actor, organisation))
    client = ApiClient(organisation=organisation, name=name, scopes=sorted(set(scopes)), until=until)
    client.check_fields()
    client.save(force_insert=True)
    publish("access.client.registered.v1", subject=client, now=now, audience=[organisation.pk])
    return client
