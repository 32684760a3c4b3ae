from django.core.management.base import BaseCommand
from django.utils import translation

from comity.accounts.matrix import MATRIX, OBJECTS
from comity.accounts.roles import Role

HEAD = """# Roles and permissions

Written by `comity docs_roles` from the code; a test compares the two.

**C** create, **E** edit or move forward, **A** approve or decide, **R** read; *o* own or assigned records only; – none.
A word names an act that the workflow gives to that role.

- \\* as complaint owner, or when that one is absent
- \\*\\* without the complainant's identity
- \\*\\*\\* only as holder of the change authority, and not for one's own requests
- \\*\\*\\*\\* administrators register concerns as ordinary staff, not under the administrator group

A person who holds the administrator group beside others acts under one of them at a time.
"""


class Command(BaseCommand):
    help = "Print docs/roles.md: the roles and the permission matrix."

    def handle(self, *args: object, **options: object) -> None:
        with translation.override("en"):
            roles = [str(role.label) for role in Role]
        rows = [["Object", "Row", *roles], ["---"] * (len(roles) + 2)]
        rows += [[OBJECTS[row], f"`{row}`", *MATRIX[row].values()] for row in OBJECTS]
        table = "\n".join("| " + " | ".join(row).replace("*", "\\*") + " |" for row in rows)
        self.stdout.write(f"{HEAD}\n{table}")
