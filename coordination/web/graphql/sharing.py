"""Sharing agreements through GraphQL: who lets whom see what, for both parties and the cell."""

from __future__ import annotations

from datetime import datetime

import strawberry

from coordination.access import models as access
from coordination.access.actions.agree_to_share import agree_to_share
from coordination.access.actions.end_agreement import end_agreement
from coordination.access.enums import DataClass
from coordination.areas import models as areas
from coordination.web.graphql.changes import Input, Row, mutation, verb
from coordination.web.graphql.connections import Connection, back_from, collection, to_many
from coordination.web.graphql.directory import Area, Organisation
from coordination.web.graphql.nodes import Node, node, to_one
from coordination.web.graphql.scalars import described
from coordination.web.graphql.where import Where

described(DataClass)


@node(access.SharingAgreement)
class SharingAgreement(Node):
    """What one organisation lets another see; without areas it holds everywhere, without classes coarsely."""

    classes: list[DataClass]
    purpose: str
    until: datetime
    created_at: datetime
    updated_at: datetime
    giver: Organisation | None = to_one("giver")
    receiver: Organisation | None = to_one("receiver")
    areas: Connection[Area] = to_many("areas.Area", back_from(access.SharingAgreement, "areas"))


@strawberry.input
class SharingAgreementWhere(Where):
    """What agreements can be narrowed by."""

    giver: strawberry.ID | None = None
    receiver: strawberry.ID | None = None


@strawberry.input
class AgreeToShareInput(Input):
    """What to share with whom, what for and until when; coarse places alone are agreed on in words."""

    rows = {
        "giver": Row(access.Organisation),
        "receiver": Row(access.Organisation),
        "areas": Row(areas.Area, code="pcode"),
    }
    speaker = "giver"

    receiver: strawberry.ID
    purpose: str
    until: datetime
    giver: strawberry.ID | None = None
    areas: list[strawberry.ID] | None = None
    classes: list[DataClass] | None = None
    is_coarse_only: bool | None = None
    client_mutation_id: str | None = None


@strawberry.type
class SharingQuery:
    """Who lets whom see what."""

    sharing_agreements: Connection[SharingAgreement] = collection(
        SharingAgreement,
        where=SharingAgreementWhere,
        description="Sharing agreements of the caller's organisations, the newest first.",
    )


@strawberry.type
class SharingMutation:
    """What may happen to what is shared."""

    agree_to_share = mutation(agree_to_share, AgreeToShareInput, SharingAgreement)
    end_agreement = verb(end_agreement, "agreement", SharingAgreement)
