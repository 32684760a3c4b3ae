"""What somebody unknown finds: sign-in for every page, nothing at an open address without a page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import resolve

from tests.worlds import World


@pytest.mark.parametrize("path", ["/complain/", "/complain/new/", "/complain/CMP-00001/edit/"])
def test_an_open_address_without_a_page_is_absent(world: World, client: Client, path: str) -> None:
    if resolve(path).namespace != "web":
        pytest.skip("a room answers there")
    for answer in (client.get(path), client.post(path, {"body": "x"})):
        assert answer.status_code == 404


def test_every_other_address_asks_to_sign_in(world: World, client: Client) -> None:
    for path in ("/", "/nothing/", world.customer.url):
        answer = client.get(path)
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=/")
