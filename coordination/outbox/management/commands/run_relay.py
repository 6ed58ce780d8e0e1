import signal
from threading import Event as Flag
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from coordination.outbox.relay import run_relay


class Command(BaseCommand):
    help = str(_("Hand the tasks of committed events to the broker until stopped."))

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = Flag()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: stopping.set())
        run_relay(stopping.is_set)
