"""What a document may cost, decided before it is validated: one pass in which every fragment is looked at once.

The numbers of a fragment are remembered and added wherever it is spread, so that a document of doubling fragments is
priced in full without being unfolded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    VariableNode,
    get_named_type,
    parse,
)
from graphql.type import is_composite_type
from strawberry.extensions import SchemaExtension

from coordination.records.errors import type_of_text
from coordination.web.graphql.connections import DEFAULT_FIRST, MAX_FIRST
from coordination.web.graphql.refusals import Refused

MAX_LENGTH = 50_000
MAX_TOKENS = 2_000
MAX_NESTING = 60
MAX_DEPTH = 20
MAX_FIELDS = 300
MAX_ALIASES = 50
MAX_DIRECTIVES = 30
MAX_COST = 20_000

# Longer numbers are exact in no field, and reading them takes quadratic time.
MAX_DIGITS = 30

NUMBERS = frozenset({TokenKind.INT, TokenKind.FLOAT})
OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})


@dataclass(frozen=True)
class Price:
    """What a selection costs; `cost` counts the objects it could load."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0

    def __add__(self, other: Price) -> Price:
        return Price(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.cost + other.cost,
        )


class Limits(SchemaExtension):
    """Refuses documents that are too large, too deep, too broad or too dear, and strangers who ask for the schema."""

    def on_parse(self) -> Iterator[None]:
        execution = self.execution_context
        document = read(execution.query or "")
        is_stranger = not _is_known(execution.context)
        _Pricing(execution.schema._schema, document, execution.variables or {}, is_stranger).check()
        execution.graphql_document = document
        yield


def read(text: str) -> DocumentNode:
    """Parse a document whose tokens and nesting were counted first.

    Raises Refused: when it has too many. Raises GraphQLSyntaxError: when it is not GraphQL.
    """
    if len(text) > MAX_LENGTH:
        raise _too_much("document_too_long", _("The document is too long."))
    lexer, tokens, nesting = Lexer(Source(text)), 0, 0
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens += 1
        nesting += (token.kind in OPENING) - (token.kind in CLOSING)
        if token.kind in NUMBERS and len(token.value or "") > MAX_DIGITS:
            raise _too_much("number_too_long", _("A number is too large."))
        if tokens > MAX_TOKENS or nesting > MAX_NESTING:
            raise _too_much("document_too_complex", _("The document has too many parts or nests too deeply."))
    return parse(text)


class _Pricing:
    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], is_stranger: bool
    ) -> None:
        self.schema, self.variables, self.is_stranger = schema, variables, is_stranger
        definitions = document.definitions
        self.operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
        self.fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        self.priced: dict[str, Price | None] = {}
        self.level = 0

    def check(self) -> None:
        """Refuse the document unless everything it asks for stays within the limits."""
        total = Price()
        for operation in self.operations:
            root = self.schema.get_root_type(operation.operation)
            total += self._selection(operation.selection_set, root) + self._directives(operation)
        for name in self.fragments:
            self._fragment(name)
        for value, limit, code, message in (
            (total.depth, MAX_DEPTH, "query_too_deep", _("The query nests too deeply.")),
            (total.fields, MAX_FIELDS, "too_many_fields", _("The query asks for too many fields.")),
            (total.aliases, MAX_ALIASES, "too_many_aliases", _("The query has too many aliases.")),
            (total.directives, MAX_DIRECTIVES, "too_many_directives", _("The query has too many directives.")),
            (total.cost, MAX_COST, "query_too_expensive", _("The query could return too much: ask for smaller pages.")),
        ):
            if value > limit:
                raise _too_much(code, message)

    def _selection(self, selection: SelectionSetNode | None, parent: Any) -> Price:
        total = Price()
        self.level += 1
        if self.level > 2 * MAX_DEPTH:
            raise _too_much("query_too_deep", _("The query nests too deeply."))
        for node in selection.selections if selection else ():
            total += self._directives(node)
            if isinstance(node, FieldNode):
                total += self._field(node, parent)
            elif isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                total += self._selection(node.selection_set, self._named(condition.name.value) if condition else parent)
        self.level -= 1
        return total

    def _field(self, node: FieldNode, parent: Any) -> Price:
        name = node.name.value
        if self.is_stranger and name in ("__schema", "__type"):
            raise Refused("introspection_refused", _("Sign in to ask for the schema."))
        field = getattr(parent, "fields", {}).get(name)
        result: Any = get_named_type(field.type) if field else None
        inner = self._selection(node.selection_set, result)
        is_object = is_composite_type(result) and not name.startswith("__")
        pages = self._page_size(node) if result is not None and result.name.endswith("Connection") else 1
        # A connection and its edges are wrappings of the page's rows, not objects of their own.
        own = 0 if not is_object or result.name.endswith(("Connection", "Edge", "PageInfo")) else 1
        return Price(
            inner.depth + 1,
            inner.fields + 1,
            inner.aliases + (node.alias is not None),
            inner.directives,
            (inner.cost + own) * pages,
        )

    def _fragment(self, name: str) -> Price:
        if name not in self.priced:
            fragment = self.fragments.get(name)
            if fragment is None:
                return Price()
            self.priced[name] = None
            condition = self._named(fragment.type_condition.name.value)
            self.priced[name] = self._selection(fragment.selection_set, condition) + self._directives(fragment)
        price = self.priced[name]
        if price is None:
            raise _too_much("fragment_cycle", _("A fragment contains itself."))
        return price

    def _named(self, name: str) -> Any:
        return self.schema.type_map.get(name)

    def _page_size(self, node: FieldNode) -> int:
        value: Any = next((argument.value for argument in node.arguments or () if argument.name.value == "first"), None)
        if isinstance(value, VariableNode):
            value = self.variables.get(value.name.value, MAX_FIRST)
        elif isinstance(value, IntValueNode):
            value = int(value.value) if len(value.value) < 10 else MAX_FIRST
        # What is not a number in range is refused where it is used.
        return min(max(value, 1), MAX_FIRST) if type(value) is int else DEFAULT_FIRST

    @staticmethod
    def _directives(node: Any) -> Price:
        return Price(directives=len(node.directives or ()))


def _is_known(context: Any) -> bool:
    actor = context.request.actor
    return bool(actor.user_id or actor.organisation_ids or actor.is_system)


def _too_much(code: str, message: type_of_text) -> Refused:
    return Refused(code, message)
