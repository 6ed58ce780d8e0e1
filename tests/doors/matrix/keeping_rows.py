"""What is kept about people, systems and what was done: for us, and for strangers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from coordination.access.enums import AlertKind, Scope
from coordination.access.keys import issue_key
from coordination.access.models import (
    AccessRecord,
    Alert,
    ApiClient,
    ApiKey,
    ErasureTombstone,
    Membership,
    OAuthClient,
    Organisation,
    User,
)
from coordination.outbox.models import Event
from coordination.web.models import Job
from coordination.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.doors.matrix.incident_rows import Rows
from tests.factories.access import user


def kept(of: Mapping[str, Organisation], now: datetime) -> Rows:
    """Make one row of each kind for us and one for strangers."""
    stranger = user("stranger")
    Membership.objects.create(user=stranger, organisation=of["foreign"], role="administrator")
    client = ApiClient.objects.create(organisation=of["foreign"], name="foreign", scopes=[Scope.AID_READ])
    issue_key(client=client, scopes=[Scope.AID_READ], until=now + timedelta(days=1))
    issue_key(user=stranger, scopes=[Scope.AID_READ])
    people = {person.username: person for person in User.objects.all()}
    clients = {made.name: made for made in ApiClient.objects.all()}
    names = {"own": "caseworker", "foreign": "stranger"}
    endpoints = {
        name: WebhookEndpoint.objects.create(organisation=of[name], url=f"https://{name}.example/", secret="s")
        for name in names
    }
    event = Event.objects.earliest("sequence")
    return {
        "access.User": people,
        "access.Membership": {row.user.username: row for row in Membership.objects.select_related("user")},
        "access.ApiClient": clients,
        "access.OAuthClient": {
            name: OAuthClient.objects.create(system=client, authorization_grant_type="client-credentials")
            for name, client in clients.items()
        },
        "access.ApiKey": {
            (row.user.username if row.user else str(row.client)): row
            for row in ApiKey.objects.select_related("user", "client")
        },
        "access.AccessRecord": {
            name: AccessRecord.objects.create(
                user=people[person],
                organisation=of[name],
                purpose=f"purpose of {name}",
                subject="aid.contact",
                subject_ids=[],
            )
            for name, person in names.items()
        },
        "access.Alert": {
            name: Alert.objects.create(kind=AlertKind.MANY_CONTACTS_READ, organisation=of[name], user=people[person])
            for name, person in names.items()
        },
        "access.ErasureTombstone": {
            "any": ErasureTombstone.objects.create(subject="aid.contact", subject_id=people["stranger"].pk)
        },
        "webhooks.WebhookEndpoint": endpoints,
        "webhooks.WebhookDelivery": {
            name: WebhookDelivery.objects.create(endpoint=endpoint, event=event) for name, endpoint in endpoints.items()
        },
        "web.Job": {
            name: Job.objects.create(organisation=of[name], kind=Job.Kind.EXPORT, subject="aid.aidrequest")
            for name in names
        },
    }
