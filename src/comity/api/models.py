"""What was answered to a repeatable POST, kept in the transaction that did the work."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """The answer to the request that carried this key; a repetition gets it again and does nothing."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    location = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="key_once")]

    def __str__(self) -> str:
        return self.key
