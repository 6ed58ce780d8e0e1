"""The GraphQL schema: what every app brings, in one place."""

from __future__ import annotations

import strawberry

from aid.api.graphql.changes import AidMutation
from aid.api.graphql.lists import AidQuery
from coordination.web.graphql.directory import DirectoryQuery
from coordination.web.graphql.nodes import NodeQuery
from coordination.web.graphql.sharing import SharingMutation, SharingQuery
from coordination.web.graphql.view import GuardedSchema
from incidents.api.graphql.changes import IncidentsMutation
from incidents.api.graphql.lists import IncidentsQuery


@strawberry.type(description="What there is to read; every list holds the rows that the caller may see.")
class Query(NodeQuery, DirectoryQuery, SharingQuery, IncidentsQuery, AidQuery):
    """See its GraphQL description."""


@strawberry.type(
    description="What may happen; each answers with the changed row, or with the reason why nothing changed."
)
class Mutation(SharingMutation, IncidentsMutation, AidMutation):
    """See its GraphQL description."""


schema = GuardedSchema(query=Query, mutation=Mutation)
