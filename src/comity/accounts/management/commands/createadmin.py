import getpass
import os
from argparse import ArgumentParser

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from comity.accounts import audit
from comity.accounts.models import Grant, Person, Unit
from comity.accounts.roles import Role


class Command(BaseCommand):
    help = "Make a person administrator, adding the person and the first unit where missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--unit", default="Organisation", help="name of the first unit")

    @transaction.atomic
    def handle(self, *args: object, email: str, name: str, unit: str, **options: object) -> None:
        email = email.strip().lower()
        person = Person.objects.filter(email=email).first() or Person(email=email, name=name or email.split("@")[0])
        password = os.environ.get("COMITY_ADMIN_PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_password(password, person)
            person.set_password(password)
            person.full_clean()
        except ValidationError as wrong:
            raise CommandError(" ".join(wrong.messages)) from None
        person.save()
        roots = list(Unit.objects.filter(parent=None)) or [Unit.objects.create(name=unit)]
        for root in roots:
            if not person.grants.filter(unit=root, role=Role.ADMINISTRATOR, ends_on=None).exists():
                Grant.objects.create(person=person, unit=root, role=Role.ADMINISTRATOR)
        audit.record(person, person, "granted", {"role": [None, Role.ADMINISTRATOR.value]})
        self.stdout.write(f"{email} is an administrator.")
