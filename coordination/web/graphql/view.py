"""The GraphQL door: POST with a strict JSON body, one operation at a time."""

from __future__ import annotations

from typing import Any

from cross_web import HTTPException
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError
from strawberry import Schema
from strawberry.django.views import GraphQLView
from strawberry.http import GraphQLHTTPResponse
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult

from coordination.interop.strict_json import JSONError, strict_json
from coordination.web.authentication import check_csrf
from coordination.web.graphql.limits import Limits
from coordination.web.graphql.nodes import disclosed
from coordination.web.graphql.refusals import note, told
from coordination.web.graphql.scalars import SCALARS
from coordination.web.problems import RETRY_AFTER_S, Refusal, problem

POST_ONLY = {"Allow": "POST"}


class GuardedSchema(Schema):
    """A schema whose fields are read by disclosure, behind the limits, without hints for those who guess."""

    def __init__(self, query: type, mutation: type) -> None:
        super().__init__(
            query=query,
            mutation=mutation,
            extensions=[Limits],
            config=StrawberryConfig(default_resolver=disclosed, disable_field_suggestions=True, scalar_map=SCALARS),
        )

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log what nobody foresaw; what callers got wrong is theirs."""
        for error in errors:
            note(error)


@method_decorator(csrf_exempt, name="dispatch")
class GuardedGraphQLView(GraphQLView[Any, None]):
    """One operation a call; people with a session send their CSRF token, bearers and the public need none."""

    def __init__(self, schema: GuardedSchema) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.method != "POST":
                raise Refusal(405, "method_not_allowed", headers=POST_ONLY)
            if request.content_type != "application/json":
                raise Refusal(415, "unsupported_media_type")
            if request.user.is_authenticated:
                check_csrf(request)
            response = self.run(request)
        except Refusal as refusal:
            return problem(
                request, status=refusal.status, code=refusal.code, detail=refusal.detail, headers=refusal.headers
            )
        except UnicodeDecodeError:
            return problem(request, status=400, code="json_encoding", detail=_("The text is not in UTF-8."))
        except HTTPException:
            return problem(request, status=400, code="malformed")
        except RequestDataTooBig:
            return problem(request, status=413, code="too_large")
        response["Cache-Control"] = "private, no-store"
        return response

    def decode_json(self, data: str | bytes) -> object:
        try:
            body = strict_json(data if isinstance(data, bytes) else data.encode())
        except JSONError as error:
            refusal = Refusal(400, error.code, error.message)
        else:
            if isinstance(body, dict) and isinstance(body.get("query"), str):
                return body
            refusal = Refusal(400, "malformed")
        raise refusal

    def process_result(self, request: HttpRequest, result: ExecutionResult) -> GraphQLHTTPResponse:
        answer: GraphQLHTTPResponse = {"data": result.data}
        if result.errors:
            answer["errors"] = [told(error) for error in result.errors]
        return answer

    def create_response(self, response_data: Any, sub_response: HttpResponse) -> HttpResponse:
        errors = response_data.get("errors", [])
        if any(error["extensions"]["code"] == "unavailable" for error in errors):
            return JsonResponse(response_data, status=503, headers={"Retry-After": str(RETRY_AFTER_S)})
        # Without a path nothing was executed: the request itself was refused.
        is_refused = response_data["data"] is None and not any("path" in error for error in errors)
        return JsonResponse(response_data, status=400 if is_refused else 200)
