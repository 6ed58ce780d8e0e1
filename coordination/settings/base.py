"""Settings shared by every purpose, and the only place that reads the environment."""

from datetime import timedelta
from pathlib import Path

import environ
import pghistory
from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TEST_DATABASE_NAME = env.str("TEST_DATABASE_NAME", default="test_coordination")
SHARED_DATA = Path(env.str("SHARED_DATA", default=str(BASE_DIR.parent / "shared" / "data")))

# Contacts are sealed with these keys, written id:base64 and parted by commas; the first one seals, all unseal.
SEALING_KEYS = env.list("SEALING_KEYS", default=[])
# Phone numbers are found again by a hash under these keys, written alike; the first one hashes, all are searched by.
PHONE_INDEX_KEYS = env.list("PHONE_INDEX_KEYS", default=[])
# The country, as ISO 3166 writes it, in which a phone number without a country is read.
DEPLOYMENT_REGION = env.str("DEPLOYMENT_REGION", default="UA")

# How long after a request ended, in days, it is still known whose it was.
RETENTION_CONTACT_DAYS = env.int("RETENTION_CONTACT_DAYS", default=180)
# How many contacts one person may read within an hour before the administrators are told, and how many numbers one may
# search for.
CONTACT_READS_ALERT = env.int("CONTACT_READS_ALERT", default=50)
PHONE_SEARCHES_PER_HOUR = env.int("PHONE_SEARCHES_PER_HOUR", default=30)

# west, south, east, north in degrees: points outside are refused, so that a swapped pair is noticed. Default: Ukraine.
DEPLOYMENT_BOUNDS = tuple(env.list("DEPLOYMENT_BOUNDS", cast=float, default=[22.0, 44.2, 40.3, 52.5]))

# When a confirmed incident may be told to the public, in hours after it struck or was reported, whichever is later.
# Source: joint statement of Ukraine's ministries and media of 27 April 2022; a deployment has its lawyer check it.
EMBARGO_CIVILIAN_H = env.int("EMBARGO_CIVILIAN_H", default=3)
EMBARGO_OTHER_H = env.int("EMBARGO_OTHER_H", default=12)

# What the public is told of needs: households per slot of so many hours, from midnight UTC, and area of this level
# (2 is a raion), told so many hours after the slot has ended. None of it may vary: what overlaps can be subtracted.
NEEDS_SLOT_H = env.int("NEEDS_SLOT_H", default=24)
NEEDS_AREA_LEVEL = env.int("NEEDS_AREA_LEVEL", default=2)
NEEDS_DELAY_H = env.int("NEEDS_DELAY_H", default=EMBARGO_OTHER_H)

INSTALLED_APPS = [
    # First, so that our templates of the admin are found before Django's.
    "coordination.web.apps.WebConfig",
    "coordination.web.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "strawberry_django",
    "oauth2_provider",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "coordination.areas",
    "coordination.outbox",
    "coordination.access",
    "coordination.webhooks",
    "incidents",
    "aid",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "coordination.web.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "coordination.urls"
WSGI_APPLICATION = "coordination.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "coordination.web.signin.factors.for_templates",
            ]
        },
    }
]

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgis:///coordination")}
DATABASES["default"]["ENGINE"] = "django.contrib.gis.db.backends.postgis"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# What PostgreSQL is told at the start of each connection; the web process bounds its waiting here (see wsgi.py).
DATABASES["default"]["OPTIONS"] = {"connect_timeout": 2, "options": env.str("DATABASE_SESSION", default="")}
# The role that web, workers and relay connect as: it owns nothing and row-level security holds it. `grant_roles`, run
# by the owner after every migrate, makes it, with this password where connections need one.
DATABASE_ROLE = env.str("DATABASE_ROLE", default="coordination_app")
DATABASE_ROLE_PASSWORD = env.str("DATABASE_ROLE_PASSWORD", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# GDAL 3.6 of Debian 12 is older than Django wants; only integer SRIDs and gated numbers ever reach it.
# axes wants the address among what it locks by; an office shares one.
SILENCED_SYSTEM_CHECKS = ["gis.W001", "axes.W006"]

AUTH_USER_MODEL = "access.User"
OAUTH2_PROVIDER_APPLICATION_MODEL = "access.OAuthClient"
# How systems sign in: client credentials alone, for an hour; tokens and secrets are kept as digests.
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "coordination.access.oauth.ClientValidator",
    "SCOPES_BACKEND_CLASS": "coordination.access.oauth.ClientScopes",
    "CLIENT_SECRET_HASHER": "random_secret",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
AUTHENTICATION_BACKENDS = [
    "coordination.access.lock.LockedAccounts",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    # For the drawn secrets of systems alone; the first one keeps what people choose.
    "coordination.access.hashers.RandomSecretHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# --- How people sign in ---
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
# Whether personal data and the management of access ask for a second factor.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=True)
# How many proxies of our own stand in front; each adds one address to X-Forwarded-For. None: the header is ignored.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# A day's work, counted from the sign-in: a stolen phone is signed out by the evening.
SESSION_COOKIE_AGE = 3600 * env.int("SESSION_HOURS", default=12)
# What the web processes must know of each other: codes used once, attempts counted. It needs no broker.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "web_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# A person is found by the e-mail address that the provider has verified; nobody is added.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_NAME = env.str("OIDC_NAME", default="OpenID Connect")
# Whether the provider itself asks for a second factor, so that we need not.
OIDC_HAS_SECOND_FACTOR = env.bool("OIDC_HAS_SECOND_FACTOR", default=False)
OIDC_APP = {
    "provider_id": "sso",
    "name": OIDC_NAME,
    "client_id": env.str("OIDC_CLIENT_ID", default=""),
    "secret": env.str("OIDC_CLIENT_SECRET", default=""),
    "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True},
}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [OIDC_APP] if OIDC_ISSUER else []}}
SOCIALACCOUNT_ADAPTER = "coordination.web.signin.adapters.SingleSignOnAdapter"
# A link leads to the provider: a form would need its address in the content security policy.
SOCIALACCOUNT_LOGIN_ON_GET = True

ACCOUNT_ADAPTER = "coordination.web.signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# By account, never by address: an office shares one. Passwords are counted by axes, codes and passkeys here.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/15m/key"}
MFA_ADAPTER = "coordination.web.signin.adapters.MFAAdapter"
MFA_RATE_LIMITS = {"webauthn_login": None}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Aid coordination"
# Telephones' clocks are some seconds off.
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "coordination.web.signin.forms.CodeForm",
    "reauthenticate": "coordination.web.signin.forms.CodeAgainForm",
    "add_webauthn": "coordination.web.signin.forms.PasskeyForm",
    "edit_webauthn": "coordination.web.signin.forms.KeyNameForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

AXES_HANDLER = "coordination.access.lock.AccountLock"
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "coordination.access.lock.account_key"
AXES_LOCKOUT_CALLABLE = "coordination.access.lock.say_locked"
AXES_FAILURE_LIMIT = env.int("LOCK_AFTER_FAILURES", default=10)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOCK_MIN", default=15))
AXES_RESET_ON_SUCCESS = True
# Guessing on does not keep an account locked: its owner gets in between.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("uk", _("Ukrainian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
# The clock on the wall of those who work in the admin; machines read and write UTC.
WORKPLACE_TIME_ZONE = env.str("WORKPLACE_TIME_ZONE", default="Europe/Kyiv")
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / ".local" / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "coordination.web.authentication.CallerAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["coordination.web.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "coordination.web.openapi.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "coordination.web.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Aid coordination",
    "DESCRIPTION": "What happened where, who needs what, what is nearby and free, and who is bringing it.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    # Many nouns have a status, a kind or an urgency; each has its own codes.
    "ENUM_NAME_OVERRIDES": {
        "AccessConstraintKind": "incidents.enums.AccessConstraintKind",
        "AidRequestStatus": "aid.enums.AidRequestStatus",
        "AidRequestUrgency": "aid.enums.Urgency",
        "DeliveryStatus": "aid.enums.DeliveryStatus",
        "ImpactKind": "incidents.enums.ImpactKind",
        "IncidentStatus": "incidents.enums.IncidentStatus",
        "IncidentUrgency": "incidents.enums.Urgency",
        "MatchRunStatus": "aid.enums.MatchRunStatus",
        "MatchStatus": "aid.enums.MatchStatus",
        "OutageStatus": "incidents.enums.OutageStatus",
        "ResourceStatus": "aid.enums.ResourceStatus",
        "ShelterKind": "aid.enums.ShelterKind",
        "ShelterStatus": "aid.enums.ShelterStatus",
        "StayStatus": "aid.enums.StayStatus",
    },
}
# The author stands in each history row itself: erasing a person then has one place to look.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
# History is read by its row; an index for each reference would only slow every write.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)

CELERY_BROKER_URL = env.str("BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A worker that was killed leaves its task to the sweep; the broker redelivers it only after this many seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    # An absent broker is found out at once: the relay holds its events meanwhile, and asks again itself.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# What a need weighs against distance: values that differ from those of aid.matching.candidates.Weights, by name.
MATCHING = env.json("MATCHING", default={})
# How long a proposal stands unanswered, in minutes, for life-threatening and urgent needs and for others.
RESPOND_WITHIN_MIN_URGENT = env.int("RESPOND_WITHIN_MIN_URGENT", default=30)
RESPOND_WITHIN_MIN = env.int("RESPOND_WITHIN_MIN", default=360)

# How many open matches that have not left an organisation may hold, and one that nobody has vetted, unless its own
# number says otherwise; how many offers the latter may keep. Whoever invents offers learns no more needs than these.
OPEN_MATCHES_MAX = env.int("OPEN_MATCHES_MAX", default=1_000)
OPEN_MATCHES_MAX_UNVETTED = env.int("OPEN_MATCHES_MAX_UNVETTED", default=20)
OPEN_OFFERS_MAX_UNVETTED = env.int("OPEN_OFFERS_MAX_UNVETTED", default=50)

SWEEP_EVERY_S = env.int("SWEEP_EVERY_S", default=30)
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "aid.tasks.sweep", "schedule": SWEEP_EVERY_S, "options": {"expires": SWEEP_EVERY_S}},
    "anonymise-due": {"task": "aid.tasks.anonymise", "schedule": crontab(hour="1", minute="30")},
    "audit-quantities": {"task": "aid.tasks.audit", "schedule": crontab(hour="2", minute="30")},
    "count-needs": {"task": "aid.tasks.count_public_needs", "schedule": 3600},
    "forget-old-tokens": {
        "task": "coordination.web.tasks.forget_old_tokens",
        "schedule": crontab(hour="3", minute="10"),
    },
    "forget-old-answers": {"task": "coordination.web.tasks.forget_old_answers", "schedule": 3600},
    "forget-sign-ins": {"task": "coordination.web.tasks.forget_sign_ins", "schedule": 3600},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"without_contents": {"()": "coordination.records.logs.WithoutContents"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_contents"]},
    },
    # In detail they would tell tokens; axes tells four lines of every sign-in, fido2 the key of each person.
    "loggers": {
        "oauthlib": {"level": "INFO"},
        "oauth2_provider": {"level": "INFO"},
        "axes": {"level": "WARNING"},
        "fido2": {"level": "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}
