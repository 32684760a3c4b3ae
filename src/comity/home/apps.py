"""The front of the house: what waits for me. Reads every room, owns no record."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "comity.home"
    label = "home"
