from __future__ import annotations

from datetime import datetime

from coordination.access import policies
from coordination.access.actions.change_client import ClientEnded
from coordination.access.actions.checks import check_active, check_scopes
from coordination.access.actors import Actor
from coordination.access.keys import Issued, end_access_tokens, new_secret
from coordination.access.models import ApiClient, OAuthClient
from coordination.outbox.publishing import publish
from coordination.records.actions import action, locked
from coordination.records.errors import require


@action
def make_oauth_secret(*, client: ApiClient, actor: Actor, now: datetime) -> Issued[OAuthClient]:
    """Make the OAuth2 secret of a system, given this once; one that it had before ends at once, and its tokens too.

    Raises NotAllowed: unless the actor manages the organisation. Raises ClientEnded, OrganisationNotActive: when it is.
    Raises ScopesBeyondReach: when the system may more than the actor.
    """
    require(policies.may_manage(actor, client.organisation))
    client = locked(client)
    if not client.is_active:
        raise ClientEnded
    check_active(client.organisation)
    check_scopes(client.scopes, policies.scopes_to_give(actor, client.organisation))
    row = OAuthClient.objects.filter(system=client).first() or OAuthClient(
        system=client,
        client_type=OAuthClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=OAuthClient.GRANT_CLIENT_CREDENTIALS,
    )
    secret = new_secret()
    row.client_secret, row.secret_made_at = secret, now
    row.save()
    end_access_tokens(client)
    publish("access.oauth_secret.made.v1", subject=row, now=now, audience=[client.organisation_id])
    return Issued(row, secret)
