"""The base of every model."""

import uuid

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coordination.records.errors import FieldProblem, InvalidFields


def coarse_touch(*columns: str) -> pgtrigger.Trigger:
    """Keep `coarse_updated_at`: when what is disclosed to everybody who sees the row last changed.

    `updated_at` would tell them that something changed which they may not read.
    """
    now, before = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
    touch = "NEW.coarse_updated_at = clock_timestamp();"
    return pgtrigger.Trigger(
        name="coarse_touch",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        func=f"IF ({now}) IS DISTINCT FROM ({before}) THEN {touch} END IF; RETURN NEW;",
    )


class BaseModel(models.Model):
    """A row with an identity that does not count and the moments of its first and last write.

    Each model makes its own `objects` from a VisibleQuerySet. An inner Meta must inherit this one: it sends related
    lookups through that guarded manager.
    """

    # Annotated by visible_to: how much of the row the actor may read, and whether what no level includes.
    disclosure: int
    discloses_health: bool

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated at"), db_default=Now(), editable=False)

    class Meta:
        abstract = True
        base_manager_name = "objects"
        triggers = [
            pgtrigger.Trigger(
                name="touch",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="NEW.updated_at = clock_timestamp(); RETURN NEW;",
            )
        ]

    def check_fields(self) -> None:
        """Check every plain field of this row against its own definition.

        Raises InvalidFields: naming each field that was refused.
        """
        relations = {field.name for field in self._meta.concrete_fields if field.is_relation}
        problems = [
            FieldProblem(field.name, "null_character", _("Null characters are not allowed."))
            for field in self._meta.concrete_fields
            if isinstance(value := getattr(self, field.attname), str) and "\0" in value
        ]
        try:
            self.clean_fields(exclude=relations)
        except ValidationError as refusal:
            problems += [
                FieldProblem(name, error.code or "invalid", " ".join(error.messages))
                for name, errors in refusal.error_dict.items()
                for error in errors
            ]
        if problems:
            raise InvalidFields(problems=problems)
