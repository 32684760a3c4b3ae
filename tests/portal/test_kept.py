"""Beside each promise, how we kept it to whoever reads."""

import re

from tests.portal.conftest import Portal
from tests.portal.test_pages import text


def test_kept_and_not_kept_stand_beside_the_promises(portal: Portal) -> None:
    """Counted over the contact's own cases alone, with a share from five on; nothing where nothing fell due."""
    client, desk = portal.visit(), portal.desk
    assert "How we kept it" not in text(client, "/portal/agreements/")
    desk.at("acknowledged", customer=desk.world.child.ref, contact=desk.world.child_contact.ref)
    assert "How we kept it" not in text(client, "/portal/agreements/")
    late = desk.register()
    for _n in range(4):
        desk.at("acknowledged")
    desk.until(late.ack_due_at)
    desk.step(late)
    page = text(client, "/portal/agreements/")
    row = page[page.index("How we kept it") : page.index("</table>", page.index("How we kept it"))]
    assert re.findall(r"<t[hd][^>]*>([^<]*)<", row)[-3:] == ["Acknowledged", "4 (80&nbsp;%)", "1"]
