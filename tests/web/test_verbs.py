"""Ties and rules are read in words: each that Comity itself uses has a name that can be translated."""

import re
from pathlib import Path

import comity
from comity.cases.models import Case
from comity.cases.operations.dangers import SAME_DANGER
from comity.cases.operations.problems import SAME_CAUSE
from comity.communications.checks.populations import DEPENDS_ON
from comity.desk.verbs import ACTED_BY, CALLED
from comity.knowledge.operations import USED
from comity.records import write
from tests.web.visitors import visitor
from tests.worlds import World

LINKED = re.compile(r"""write\.link\(\w+, "(\w+)",""")
RULED = re.compile(
    r"""(?:\bactor\.by\(|Actor\.system\(|Actor\(\w[\w.]*, [\w."]+, |\b(?:RULE|OPEN_FORM)(?:, VIA)? = )"([a-z_]+)\""""
)
SWITCHED = re.compile(r"""= separation\(\s*"(\w+)\"""")


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


def test_every_rule_that_has_no_number_has_a_name() -> None:
    sources = [path.read_text() for path in Path(comity.__path__[0]).rglob("*.py")]
    used = {rule for text in sources for rule in RULED.findall(text)} - {"document_in_force"}  # a family, no author
    used |= {f"separation_{name}" for text in sources for name in SWITCHED.findall(text)}
    assert {"stand_in", "separation_effect"} < used
    assert {rule.replace("_", " ").capitalize() for rule in used} == set(ACTED_BY)


def test_the_timeline_tells_the_rule_in_words(world: World) -> None:
    for rule in ("stand_in", "BRM-3.3-23"):
        write.note_auto(world.customer, "Done.", world.actor("relationship_manager").by(rule))
    text = visitor(world.person("relationship_manager")).get(world.customer.url).content.decode()
    assert "Rule: Stand in<" in text and "Rule: BRM-3.3-23<" in text and "stand_in" not in text
