"""The command line: a handful of words of its own, and Django's management commands for the rest.

Nothing of Django is imported before it is needed; the supervisor stays a small process.
"""

import os
import subprocess
import sys
from pathlib import Path

from comity.config.environment import Misconfigured
from comity.config.processes import die_with_parent

USAGE = """\
comity run   [--host H] [--port P]   start everything on this machine: web, worker, schedule
comity demo  [--host H] [--port P]   the same on a removable sample organisation
comity test  [words for pytest]      run the tests (in a source checkout)
comity web   [--host H] [--port P]   the web server alone, for one of several machines
comity worker                        the worker alone
comity pack  --verify FILE           check an evidence pack; --compare A B: what differs between two
comity help                          all other commands
"""


def main() -> None:
    """Do what the words on the command line say."""
    words = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
    if parent := os.environ.pop("COMITY_PARENT", ""):
        die_with_parent(int(parent))
    try:
        call(words)
    except Exception as error:
        if (said := plainly(error)) is None:
            raise
        sys.exit(f"comity: {said}")


def plainly(error: Exception) -> str | None:
    """One line for what is wrong with the installation and not with the program: settings, folder, database."""
    if isinstance(error, Misconfigured):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}. COMITY_DATA names the folder of the data."
    if any(type(one).__name__ == "OperationalError" for one in (error, error.__cause__)):
        reason = " ".join(str(error).split())
        return f"the database cannot be used: {reason} (DATABASE_URL or COMITY_DATA names it)"
    return None


def call(words: list[str]) -> None:
    """Hand over to the command that the words name."""
    match words:
        case [] | ["-h"] | ["--help"]:
            print(USAGE, end="")
        case ["run", *rest]:
            from comity.config import supervisor

            sys.exit(supervisor.run(rest))
        case ["demo", *rest]:
            from comity.config import supervisor

            os.environ.setdefault("COMITY_DATA", "data-demo")
            os.environ.setdefault("COMITY_LOG_LEVEL", "WARNING")  # the sign-ins stay in sight
            sys.exit(supervisor.run(rest, demo=True))
        case ["web", *rest]:
            from comity.config import server

            server.main(rest)
        case ["test", *rest]:
            sys.exit(test(rest))
        case ["pack", "--verify", path]:
            from comity.compliance.pack import verifying

            sys.exit(verifying.main(path))
        case ["pack", "--compare", first, second]:
            from comity.compliance.pack import comparing

            sys.exit(comparing.main(first, second))
        case _:
            from django.core.management import execute_from_command_line

            execute_from_command_line(["comity", *words])


def test(words: list[str]) -> int:
    """Run the suite of the source checkout."""
    root = Path(__file__).resolve().parents[2]
    suite = root / "tests" / "suite.py"
    if not suite.is_file():
        print("The tests are in the source checkout, not in the installed package.", file=sys.stderr)
        return 2
    return subprocess.call([sys.executable, "-m", "tests.suite", *words], cwd=root)


if __name__ == "__main__":
    main()
