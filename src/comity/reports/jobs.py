"""What the worker does for this room."""

from django_tasks import task

from comity.jobs.schedule import every
from comity.reports import pdf


@every("29 2 * * *", "reports.clear")
@task()
def clear() -> int:
    """Throw away printed documents that nobody took for a month."""
    return pdf.clear()
