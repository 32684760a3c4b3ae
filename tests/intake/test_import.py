"""The import itself, on customers: rows land once, changes change, errors stop nothing else, evidence is complete."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from comity.accounts.models import Person, Unit
from comity.intake import operations
from comity.intake.models import Import, Remark, SourceKey
from comity.intake.run import Run
from comity.jobs.models import Job
from comity.notices.models import Notification
from comity.notices.operations.notifying import words
from comity.parties.kinds import contact, customer
from comity.parties.models import Contact, Customer, Segment
from comity.records import seal
from comity.records.models import Counter, Entry, Outbox
from tests.intake.conftest import failed, run

Table = Callable[..., Path]
HEAD = ("name", "type", "user_population")
KEYED = """
[source]
name = "crm"
kind = "customer"
key = "Id"
[fields]
name = "Name"
user_population = "Users"
segment = { column = "Market", lookup = "segment", by = "name", create = true, data = { type = "market" } }
"""


def mapping(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    return path


def test_rows_become_records_with_their_evidence(table: Table, manager: Person) -> None:
    path = table(
        HEAD, ("Ada", "ad_hoc", "12"), ("Bob", "Under agreement", ""), ("Cyd", "ad_hoc", "many"), ("", "", "1")
    )
    out = run("import", "customer", path, "--as", manager.email)
    assert "2 created, 0 changed, 0 unchanged, 2 refused" in out
    assert "line 4" in out and "user_population" in out and "line 5" in out
    assert list(Customer.objects.order_by("pk").values_list("ref", "name", "type", "user_population")) == [
        ("CUS-00001", "Ada", "ad_hoc", 12),
        ("CUS-00002", "Bob", "agreement", None),
    ]
    entries = Entry.objects.filter(kind="customer")
    assert {(e.act, e.via, e.actor_id) for e in entries} == {("create", "import", manager.pk)}
    assert entries[0].changes["name"] == [None, "Ada"]
    assert Outbox.objects.count() == Entry.objects.count()
    while seal.drain():
        pass
    assert not seal.verify().broken


def test_whose_import_it_is_hears_of_a_long_one_and_of_one_that_failed(
    table: Table, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(HEAD, ("Ada", "ad_hoc", "12"))
    run("import", "customer", path, "--as", manager.email)
    assert not Notification.objects.exists(), "it was there when it ended"
    monkeypatch.setattr("comity.notices.jobs.LONG", 0)
    run("import", "customer", path)
    assert not Notification.objects.exists(), "nobody's"
    run("import", "customer", path, "--as", manager.email)
    monkeypatch.setattr("comity.notices.jobs.LONG", 10)

    def broken(*_words: Any, **_more: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(operations, "apply", broken)
    with pytest.raises(CommandError, match="full"):
        run("import", "customer", path, "--as", manager.email)
    told = Notification.objects.filter(event="job", person=manager).order_by("pk")
    assert [words(one) for one in told] == ["“Apply import” has ended", "“Apply import” has failed"]
    assert not Job.objects.filter(name="apply_import").exists()


def test_a_dry_run_writes_nothing(table: Table, manager: Person, tmp_path: Path) -> None:
    path = table(HEAD, ("Ada", "ad_hoc", "12"), ("Bob", "nonsense", ""))
    report = tmp_path / "report.csv"
    out = run("import", "customer", path, "--dry-run", "--report", report, "--as", manager.email)
    assert "1 created" in out and "1 refused" in out
    assert not Customer.objects.exists() and not Entry.objects.exists() and not SourceKey.objects.exists()
    assert not Counter.objects.filter(prefix="CUS").exists()
    line = report.read_text("utf-8-sig").splitlines()[1]
    assert line.startswith("3,") and ",refused,,type," in line
    run("import", "customer", path, "--as", manager.email)
    assert Customer.objects.get().ref == "CUS-00001"


def test_a_second_import_doubles_nothing_and_changes_what_differs(table: Table, unit: Unit, tmp_path: Path) -> None:
    told = mapping(tmp_path, KEYED)
    first = table(("Id", "Name", "Users", "Market"), ("1", "Ada", "5", "North"), ("2", "Bob", "", "North"))
    run("import", "customer", first, "--mapping", told)
    assert Segment.objects.get().name == "North"
    assert "0 created, 0 changed, 2 unchanged" in run("import", "customer", first, "--mapping", told)
    second = table(("Id", "Name", "Users", "Market"), ("1", "Ada", "6", "South"), ("3", "Cyd", "", ""))
    dry = run("import", "customer", second, "--mapping", told, "--dry-run")
    assert "1 created, 1 changed" in dry and Segment.objects.count() == 1
    run("import", "customer", second, "--mapping", told)
    ada = Customer.objects.get(name="Ada")
    assert (Customer.objects.count(), ada.user_population, str(ada.segment), ada.version) == (3, 6, "South", 2)
    changed = Remark.objects.filter(dry=False, outcome="updated").get()
    assert changed.fields["user_population"] == [5, 6] and changed.ref == ada.ref
    assert Entry.objects.get(kind="customer", act="update").changes["user_population"] == [5, 6]


def test_what_changed_here_is_not_undone_by_an_unchanged_source(table: Table, unit: Unit, tmp_path: Path) -> None:
    from comity.records import write
    from comity.records.trail import Actor

    told = mapping(tmp_path, KEYED)
    path = table(("Id", "Name", "Users"), ("1", "Ada", "5"))
    run("import", "customer", path, "--mapping", told)
    write.update(Customer.objects.get(), {"name": "Ada & Co"}, actor=Actor.system("test"))
    run("import", "customer", path, "--mapping", told)
    assert Customer.objects.get().name == "Ada & Co"


def test_the_same_key_twice_in_a_file_is_one_record(table: Table, unit: Unit, tmp_path: Path) -> None:
    told = mapping(tmp_path, KEYED)
    path = table(("Id", "Name", "Users"), ("1", "Ada", "5"), ("1", "Ada", "7"), ("", "Nobody", ""))
    for more in (("--dry-run",), ()):
        out = run("import", "customer", path, "--mapping", told, *more)
        assert "1 created, 1 changed, 0 unchanged, 1 refused" in out
        assert "no key" in out
    assert Customer.objects.get().user_population == 7


def test_records_are_changed_by_our_own_reference(table: Table, unit: Unit) -> None:
    run("import", "customer", table(HEAD, ("Ada", "ad_hoc", "1")))
    out = run("import", "customer", table(("ref", "name"), ("CUS-00001", "Ada Ltd"), ("", "Bob"), ("CUS-00099", "X")))
    assert "1 changed" in out
    assert set(Customer.objects.values_list("name", flat=True)) >= {"Ada Ltd", "Bob"}


def test_a_refusal_of_the_database_takes_no_other_row_along(
    table: Table, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.records.bulk import Checker

    check = Checker.check

    def broken(self: Checker, row: Any) -> Any:
        record, several = check(self, row)
        if record.name == "Bob":
            record.user_population = -5  # the column forbids it, the form was passed
        return record, several

    monkeypatch.setattr(Checker, "check", broken)
    out = run("import", "customer", table(HEAD, ("Ada", "", ""), ("Bob", "", ""), ("Cyd", "", "")))
    assert "2 created" in out and "1 refused" in out
    assert set(Customer.objects.values_list("ref", flat=True)) == {"CUS-00001", "CUS-00002"}


def test_nobody_imports_what_he_may_not_register(table: Table, unit: Unit) -> None:
    Person.objects.create_user("guest@example.org", "a long enough secret", name="Guest")
    with pytest.raises(CommandError, match="may not register"):
        run("import", "customer", table(HEAD, ("Ada", "", "")), "--as", "guest@example.org")
    with pytest.raises(CommandError, match="Nobody"):
        run("import", "customer", table(HEAD, ("Ada", "", "")), "--as", "nobody@example.org")
    assert not Customer.objects.exists()


@pytest.mark.parametrize("words", [("nothing", "x.csv"), ("customer", "absent.csv")])
def test_wrong_words_are_answered_in_words(words: tuple[str, str], db: None) -> None:
    with pytest.raises(CommandError, match="There is no"):
        run("import", *words)


def test_columns_that_nobody_knows(table: Table, unit: Unit) -> None:
    with pytest.raises(CommandError, match="none of them is a field"):
        run("import", "customer", table(("foo", "bar"), ("1", "2")))


def test_an_import_goes_on_where_it_stopped(table: Table, unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table(("name",), *((f"Customer {n}",) for n in range(10)), ("x" * 300,))
    batch = Run._batch

    def stop(self: Run, drafts: Any) -> Any:
        found = batch(self, drafts)
        if drafts[0].line > 5:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(Run, "_batch", stop)
    with pytest.raises(KeyboardInterrupt):
        run("import", "customer", path, "--batch", 2)
    assert Customer.objects.count() == 4
    monkeypatch.setattr(Run, "_batch", batch)
    out = run("import", "customer", path, "--resume", "--batch", 3)
    assert "Going on after record 4 of 11" in out and "10 created" in out and "1 refused" in out
    assert sorted(Customer.objects.values_list("name", flat=True)) == [f"Customer {n}" for n in range(10)]
    assert Import.objects.get().state == Import.State.DONE
    assert Remark.objects.filter(outcome="refused").count() == 1


def test_two_processes_do_not_do_the_same_batch(table: Table, unit: Unit) -> None:
    path = table(("name",), *((f"Customer {n}",) for n in range(6)))
    plan = operations.plan_for(customer, path)
    imported = operations.begin(customer, path, plan)
    other = Import.objects.get(pk=imported.pk)
    first = Run(imported, plan, operations.actor_of(imported), batch=2)
    drafts = next(first._batches(0))
    operations.apply(other, plan, batch=6)
    from comity.intake.run import Overtaken

    imported.done = 0
    with pytest.raises(Overtaken):
        first.apply()
    assert drafts and Customer.objects.count() == 6


def test_what_is_looked_up_may_refer_to_what_is_looked_up(table: Table, unit: Unit, tmp_path: Path) -> None:
    text = """
[source]
name = "crm"
kind = "contact"
[fields]
name = "Person"
type = { value = "customer" }
[fields.customer]
column = "Firm"
lookup = "customer"
by = "name"
create = true
[fields.customer.data]
segment = { column = "Market", lookup = "segment", by = "name", create = true, data = { type = "market" } }
"""
    path = table(("Person", "Firm", "Market"), ("Ann", "Ada", "North"), ("Ben", "Ada", "North"), ("Cyd", "Bob", ""))
    run("import", "contact", path, "--mapping", mapping(tmp_path, text))
    assert [str(c.customer) for c in Contact.objects.order_by("pk")] == ["Ada", "Ada", "Bob"]
    assert str(Customer.objects.get(name="Ada").segment) == "North"
    strict = text.replace("create = true\n", "")
    path = table(("Person", "Firm"), ("Dot", "Nowhere"))
    out = failed("import", "contact", path, "--mapping", mapping(tmp_path, strict))
    assert "There is no “Nowhere” here" in out
    assert contact.name == "contact"


def test_an_export_can_be_changed_and_imported_again(table: Table, unit: Unit, tmp_path: Path) -> None:
    run("import", "customer", table(HEAD, ("=cmd()", "ad_hoc", "1"), ("Bob", "agreement", "2")))
    out = tmp_path / "out.csv"
    run("export", "customer", "--out", out, "--query", "sort=ref")
    text = out.read_text("utf-8-sig")
    assert "'=cmd()" in text and "Bob" in text
    out.write_text(text.replace("Bob", "Bob Ltd").replace("'=cmd()", "Ada"), "utf-8-sig")
    told = run("import", "customer", out)
    assert "0 created, 2 changed" in told
    assert set(Customer.objects.values_list("name", flat=True)) == {"Ada", "Bob Ltd"}
    book = tmp_path / "out.xlsx"
    run("export", "customer", "--out", book, "--format", "xlsx")
    assert "2 unchanged" in run("import", "customer", book)
    with pytest.raises(CommandError, match="--out"):
        run("export", "customer", "--format", "xlsx")


PAST = """
[source]
name = "crm"
kind = "customer"
key = "Id"
[fields]
name = "Name"
[[steps]]
at = "Since"
set = { status = "active" }
[[steps]]
at = "Until"
set = { status = "ended" }
note = "Left."
"""


def test_a_record_brings_its_past_along(table: Table, unit: Unit, tmp_path: Path) -> None:
    told, head = mapping(tmp_path, PAST), ("Id", "Name", "Since", "Until")
    run("import", "customer", table(head, ("1", "Ada", "2020-01-05", "")), "--mapping", told)
    ada = Customer.objects.get()
    assert (ada.status, ada.moved_at and ada.moved_at.year, ada.version) == ("active", 2020, 1)
    assert "1 changed" in run(
        "import", "customer", table(head, ("1", "Ada", "2020-01-05", "2021-02-03")), "--mapping", told
    )
    ada.refresh_from_db()
    assert ada.status == "ended"
    lines = Entry.objects.filter(kind="customer").order_by("pk")
    assert [(e.via, e.happened_at.year, e.changes.get("status")) for e in lines][1:] == [
        ("import", 2020, ["prospect", "active"]),
        ("import", 2021, ["active", "ended"]),
    ]
    assert lines[2].note == "Left." and lines[2].at > lines[2].happened_at


def test_a_past_in_the_future_is_refused(table: Table, unit: Unit, tmp_path: Path) -> None:
    path = table(("Id", "Name", "Since"), ("1", "Ada", "2999-01-05"))
    out = failed("import", "customer", path, "--mapping", mapping(tmp_path, PAST))
    assert "1 refused" in out and "lies in the future" in out


def test_the_past_is_told_by_those_who_answer_for_it(table: Table, manager: Person, tmp_path: Path) -> None:
    path = table(("Id", "Name", "Since"), ("1", "Ada", "2020-01-05"))
    with pytest.raises(CommandError, match="steps of the past"):
        run("import", "customer", path, "--mapping", mapping(tmp_path, PAST), "--as", manager.email)
    assert not Customer.objects.exists()


@pytest.mark.parametrize("column", ["ref", "version", "entered_at", "archived_at", "owner", "absent"])
def test_a_step_never_sets_what_is_the_kernels(table: Table, unit: Unit, tmp_path: Path, column: str) -> None:
    path = table(("Id", "Name", "Since"), ("1", "Ada", "2020-01-05"))
    text = PAST.replace('{ status = "ended" }', f'{{ {column} = "x" }}')
    with pytest.raises(CommandError, match="cannot set"):
        run("import", "customer", path, "--mapping", mapping(tmp_path, text))


def test_where_people_have_gone_on_the_source_has_no_say(table: Table, unit: Unit, tmp_path: Path) -> None:
    from comity.records.models import Entry as Line

    told, head = mapping(tmp_path, PAST), ("Id", "Name", "Since", "Until")
    run("import", "customer", table(head, ("1", "Ada", "2020-01-05", "")), "--mapping", told)
    step = Customer.objects.get().kind.workflow.moves[0].name  # type: ignore[union-attr]
    old = Line.objects.filter(kind="customer").latest("pk")
    old.pk, old.via, old.act = None, "web", step  # as if somebody had taken a step on its page
    old.save(force_insert=True)
    out = failed("import", "customer", table(head, ("1", "Ada", "2020-01-05", "2021-02-03")), "--mapping", told)
    assert "1 refused" in out and "has gone on here" in out
    assert Customer.objects.get().status == "active"
