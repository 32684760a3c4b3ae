from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from comity.accounts import operations
from comity.accounts.models import Person
from comity.accounts.rights import is_contact


class Command(BaseCommand):
    help = "Print a new API token of a person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scope", action="append", help="read, write or KIND:read; read and write if not given")
        parser.add_argument("--days", type=int, default=90)

    def handle(
        self, *args: object, email: str, name: str, scope: list[str] | None, days: int, **options: object
    ) -> None:
        person = Person.objects.filter(email=email.strip().lower()).first()
        if person is None or not person.current or is_contact(person):
            raise CommandError(f"Nobody inside who can sign in has the address {email}.")
        _token, secret = operations.issue_token(person, name, scope or ["read", "write"], days)
        self.stdout.write(secret)
