"""Which task wants to hear of which event; apps register names when they are ready, so that no arrow points upwards."""

from collections import defaultdict

_tasks: defaultdict[str, list[str]] = defaultdict(list)


def handle(event_type: str, *, task: str) -> None:
    """Have a Celery task called with the subject's id whenever an event of this type is relayed."""
    if task not in _tasks[event_type]:
        _tasks[event_type].append(task)


def tasks_for(event_type: str) -> tuple[str, ...]:
    """Name the tasks that want to hear of an event."""
    return tuple(_tasks.get(event_type, ()))
