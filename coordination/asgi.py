"""The ASGI entry point of the web process."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings.dev")
# Nobody who calls waits longer than this for a lock or an answer; workers, which may take their time, have no bounds.
os.environ.setdefault(
    "DATABASE_SESSION", "-c lock_timeout=2s -c statement_timeout=5s -c idle_in_transaction_session_timeout=10s"
)

application = get_asgi_application()
