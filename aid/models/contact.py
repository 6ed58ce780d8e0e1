from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aid.models.aid_request import AidRequest
from aid.querysets import ContactQuerySet
from coordination.access.phones import PhoneIndexField
from coordination.access.sealed import SealedTextField
from coordination.records.models import BaseModel


class Contact(BaseModel):
    """Whom to call for one aid request, sealed; kept apart so that no list, join or history can carry it along.

    Read only through `read_contact`, which leaves an access record.
    """

    aid_request = models.OneToOneField(
        AidRequest, verbose_name=_("aid request"), on_delete=models.CASCADE, related_name="contact"
    )
    name = SealedTextField(pgettext_lazy("person", "name"), blank=True)
    phone = SealedTextField(_("phone"), blank=True)
    address = SealedTextField(_("address"), blank=True)
    notes = SealedTextField(_("notes"), blank=True)
    phone_index = PhoneIndexField(
        _("keyed hash of the phone"), of="phone", max_length=64, blank=True, editable=False, db_index=True
    )

    objects = ContactQuerySet.as_manager()

    class Meta(BaseModel.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return str(_("sealed"))
