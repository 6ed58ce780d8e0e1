"""The forms of a second factor: an app's code is good for one use."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext as _

# A code is taken in its own 30 seconds, and in those before and after.
CODE_LIVES_S = 120


class UsedOnce(forms.Form):
    """Refuse a code that has opened something before, for as long as it would open it again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc] # of the form beside it
        digits = "".join(filter(str.isdigit, code))
        if not cache.add(f"code:{self.user.pk}:{digits}", True, timeout=CODE_LIVES_S):  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(UsedOnce, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(UsedOnce, ReauthenticateForm):
    """A code before something sensitive."""


class NamedKey(forms.Form):
    """Says what the name is of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")


class PasskeyForm(NamedKey, AddWebAuthnForm):
    """Offers a key that also opens without a password, which is what telephones make."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class KeyNameForm(NamedKey, EditWebAuthnForm):
    """Gives a key another name."""
