from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from coordination.access.enums import OrganisationType, Role
from coordination.access.querysets import CaseloadQuerySet, MembershipQuerySet, OrganisationQuerySet
from coordination.areas.models import Area
from coordination.records.history import tracked, tracked_links
from coordination.records.models import BaseModel


@tracked()
class Organisation(BaseModel):
    """One body that takes part: an NGO, a utility, a volunteer group, the city itself."""

    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=20, choices=OrganisationType)
    is_vetted = models.BooleanField(
        _("vetted"),
        default=False,
        help_text=_("Its identity was checked; exact places and contacts may be released to it."),
    )
    is_trusted = models.BooleanField(
        _("trusted"), default=False, help_text=_("Its aid requests count as verified when they are filed.")
    )
    is_cell = models.BooleanField(_("coordination cell"), default=False)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    areas = models.ManyToManyField(Area, verbose_name=_("areas of responsibility"), blank=True, related_name="+")
    sandbox_of = models.OneToOneField(
        "self",
        verbose_name=_("sandbox of"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="sandbox",
        help_text=_("The organisation whose systems try things out here, with exercise data only."),
    )
    open_matches_max = models.PositiveIntegerField(
        _("open matches, at most"),
        null=True,
        blank=True,
        help_text=_("How many proposals and promises it may hold at once; empty for the usual number."),
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="organisation_name_unique",
                violation_error_message=_("An organisation of this name exists already."),
            ),
            models.CheckConstraint(
                condition=Q(sandbox_of__isnull=True) | Q(is_exercise=True, is_cell=False),
                name="organisation_sandbox_is_exercise",
                violation_error_message=_("A sandbox holds exercise data only."),
            ),
            models.CheckConstraint(
                condition=Q(is_cell=False) | Q(is_exercise=False),
                name="organisation_exercise_is_no_cell",
                violation_error_message=_("A coordination cell sees what is real, an exercise does not."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked_links(Organisation, "areas")
class OrganisationAreas:
    """One area of responsibility of one organisation, as its history tells."""


class Caseload(BaseModel):
    """One organisation's aid requests in one area: the unit that a sharing agreement limited to areas gives.

    Each request points to its caseload, so that what an agreement covers is one indexed equality and a change of an
    agreement touches no request.
    """

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="caseloads"
    )
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="+")

    objects = CaseloadQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("caseload")
        verbose_name_plural = _("caseloads")
        ordering = ["organisation__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "area"],
                name="caseload_once",
                violation_error_message=_("The organisation has a caseload in this area already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.area}"


@tracked()
class Membership(BaseModel):
    """One person's role in one organisation, until a moment or until it is taken away."""

    user = models.ForeignKey(
        "access.User", verbose_name=_("user"), on_delete=models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["organisation__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                name="membership_once",
                violation_error_message=_("This person is already a member of this organisation."),
            )
        ]

    def __str__(self) -> str:
        return self.get_role_display()


CURRENT_MEMBERSHIP = Q(organisation__is_active=True, user__is_active=True) & (Q(until=None) | Q(until__gt=Now()))
