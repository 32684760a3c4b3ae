from argparse import REMAINDER, ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from comity.jobs.celery import app


class Command(BaseCommand):
    help = "Celery's own commands on this installation's broker, such as: celery worker --concurrency 4"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("words", nargs=REMAINDER, help="what Celery is told")

    def handle(self, *args: Any, **options: Any) -> None:
        app().start(options["words"])
