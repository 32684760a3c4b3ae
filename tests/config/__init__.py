"""Tests of the environment, the supervisor and the error pages."""
