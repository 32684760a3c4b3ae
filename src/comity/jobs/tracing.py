"""Which request is being worked for: known to every line of the log, and remembered by the jobs that it enqueues."""

from contextvars import ContextVar

asked_in: ContextVar[str] = ContextVar("asked_in", default="")
