import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string
from django_tasks import default_task_backend

from comity.jobs.backend import DatabaseBackend


class Command(BaseCommand):
    help = "Do the jobs that wait in the database, and those that the schedule asks for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", action="append", default=[], help="only this queue; may be repeated")
        parser.add_argument("--lease", type=float, default=60, help="seconds after which a dead worker's job is free")
        parser.add_argument("--drain", action="store_true", help="stop when nothing is left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = import_string(getattr(default_task_backend, "worker", DatabaseBackend.worker))
        worker = kind(lease=options["lease"], queues=tuple(options["queue"]))
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: worker.stopping.set())
        worker.run(drain=options["drain"])
