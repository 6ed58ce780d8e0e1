"""How allauth behaves here: nobody signs up, wrong passwords are counted elsewhere, single sign-on finds people."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from coordination.access.accounts import person_with_address
from coordination.access.models import User
from coordination.access.sealed import SECOND_FACTORS, seal, unseal
from coordination.web.signin.sessions import SEEN_AT, SIGNED_IN_AT


class AccountAdapter(DefaultAccountAdapter):
    """People are registered by those who manage them; they sign in with a name and a password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave the counting of wrong passwords to the account's lock, which is the same for every address."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if getattr(request, "axes_locked_out", False):
            raise self.validation_error("too_many_login_attempts")
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = time.time()

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of second factors are sealed like contacts."""

    def encrypt(self, text: str) -> str:
        return seal(text, context=SECOND_FACTORS)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, context=SECOND_FACTORS)

    def get_totp_label(self, user: User) -> str:
        return user.username


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Whoever the organisation's identity provider knows is found among those registered here, never added."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link a first sign-in to the one person who has this address, if the provider has verified it."""
        # What else the provider tells of a person is nothing we need to keep.
        sociallogin.account.extra_data = {}
        if sociallogin.is_existing:
            sociallogin.account.save(update_fields=["extra_data"])
            return
        user = self._person(sociallogin)
        if user is None:
            messages.error(request, _("Nobody here is registered with the verified e-mail address of that account."))
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.connect(request, user)

    def _person(self, sociallogin: SocialLogin) -> User | None:
        # A provider that says "false" in quotation marks has not verified anything.
        verified = [address.email for address in sociallogin.email_addresses if address.verified is True]
        return person_with_address(verified[0]) if verified else None
