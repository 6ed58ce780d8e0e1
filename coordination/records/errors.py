"""The refusals that actions raise and doors translate."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type_of_text = str | Promise


@dataclass(frozen=True)
class FieldProblem:
    """One field that was refused: its name, a code for programs and a sentence for people."""

    field: str
    code: str
    message: type_of_text


class DomainError(Exception):
    """Say why a verb was refused.

    Subclasses stand beside the action that raises them and give `code` and `message`.
    """

    code = "refused"
    message: type_of_text = _("This is not possible.")
    field: str | None = None

    def __init__(
        self, message: type_of_text | None = None, *, field: str | None = None, problems: Sequence[FieldProblem] = ()
    ) -> None:
        if message is not None:
            self.message = message
        if field is not None:
            self.field = field
        self.problems = tuple(problems)
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The actor may see the row but may not do this to it."""

    code = "not_allowed"
    message = _("Your role does not allow this.")


class WrongState(DomainError):
    """The row has moved on: the verb does not start from its present state."""

    code = "wrong_state"
    message = _("This is no longer possible: the record has changed in the meantime.")


class InvalidFields(DomainError):
    """Values that the model refuses, each named."""

    code = "invalid"
    message = _("Some fields are not valid.")


class TooOften(DomainError):
    """The actor has done this so often that he must wait."""


class ConstraintViolated(DomainError):
    """The database kept a rule; the code is the constraint's name."""

    code = "constraint_violated"
    message = _("This would break a rule that the database keeps.")


def require(is_allowed: bool) -> None:
    """Stop unless a policy said yes.

    Raises NotAllowed: when it said no.
    """
    if not is_allowed:
        raise NotAllowed
