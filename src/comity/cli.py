"""The command line."""


def main() -> None:
    """Hand every word to Django's management commands."""
    from django.core.management import execute_from_command_line

    execute_from_command_line()
