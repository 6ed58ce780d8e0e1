"""Signs of life for those who run the service; both answer within a second, whatever is away."""

from __future__ import annotations

from threading import Lock, Thread

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from coordination.web.problems import RETRY_AFTER_S

PATIENCE_S = 0.8
_one_at_a_time = Lock()
# Once true it stays true as long as this code runs: a newer version starts a new process.
_migrated: set[str] = set()


@require_safe
@never_cache
def live(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> HttpResponse:
    """Say whether requests can be served: the database answers and has every migration.

    The broker is not asked: without it requests are accepted all the same, and matched later.
    """
    checks = _patiently_checked()
    if set(checks.values()) == {"ok"}:
        return JsonResponse({"status": "ok", "checks": checks})
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return JsonResponse({"status": "unavailable", "checks": checks}, status=503, headers=headers)


def _patiently_checked() -> dict[str, str]:
    """Ask the database in a thread that may be left behind: a frozen one neither answers nor refuses."""
    found = {"database": "away", "migrations": "unknown"}
    if _one_at_a_time.acquire(timeout=PATIENCE_S):
        asking = Thread(target=_check, args=(found,), daemon=True)
        asking.start()
        asking.join(PATIENCE_S)
    return dict(found)


def _check(found: dict[str, str]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        found["migrations"] = "ok" if _has_every_migration() else "missing"
        found["database"] = "ok"
    except DatabaseError:
        pass
    finally:
        connection.close()
        _one_at_a_time.release()


def _has_every_migration() -> bool:
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _migrated.add(connection.alias)
    return True
