"""The rules about geometry that the database itself keeps, whatever door a row came through."""

from django.db.models import CheckConstraint, F, FloatField, Func, Q
from django.db.models.lookups import Range
from django.utils.translation import gettext_lazy as _


def point_in_range(field: str, *, name: str) -> CheckConstraint:
    """Keep a point finite and on the globe; NaN and infinity are outside every range."""
    longitude = Func(F(field), function="ST_X", output_field=FloatField())
    latitude = Func(F(field), function="ST_Y", output_field=FloatField())
    return CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(Range(longitude, (-180, 180)), Range(latitude, (-90, 90))),
        name=name,
        violation_error_message=_("A point needs a longitude between -180 and 180 and a latitude between -90 and 90."),
    )


def polygons_valid(field: str, *, name: str) -> CheckConstraint:
    """Keep polygons closed and free of crossings."""
    return CheckConstraint(
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__isvalid": True}),
        name=name,
        violation_error_message=_("The outline crosses or touches itself."),
    )
