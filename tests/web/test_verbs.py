"""Ties are read in words: each verb by which Comity links records has a name that can be translated."""

import re
from pathlib import Path

import comity
from comity.cases.models import Case
from comity.cases.operations.dangers import SAME_DANGER
from comity.cases.operations.problems import SAME_CAUSE
from comity.communications.checks.populations import DEPENDS_ON
from comity.desk.verbs import CALLED
from comity.knowledge.operations import USED
from comity.records import write
from tests.web.visitors import visitor
from tests.worlds import World

LINKED = re.compile(r"""write\.link\(\w+, "(\w+)",""")


def test_every_verb_that_comity_uses_has_a_name() -> None:
    used = {verb for path in Path(comity.__path__[0]).rglob("*.py") for verb in LINKED.findall(path.read_text())}
    assert "relates_to" in used
    assert used | Case.ties | {USED, DEPENDS_ON, SAME_CAUSE, SAME_DANGER} == set(CALLED)
    assert all(said == verb.replace("_", " ") for verb, said in CALLED.items())


def test_readers_see_it_in_their_language(world: World) -> None:
    write.link(world.customer, "depends_on", world.child, actor=world.actor("relationship_manager"))
    person = world.person("relationship_manager")
    assert "Depends on</small>" in visitor(person).get(world.customer.url).content.decode()
    type(person).objects.filter(pk=person.pk).update(language="zh-hans")
    assert "依赖</small>" in visitor(person).get(world.customer.url).content.decode()
