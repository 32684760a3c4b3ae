"""Fill an empty database with the sample organisation and its complaints."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comity.compliance.inquiry import Inquiry
from comity.compliance.operations.computing import compute_and_keep
from comity.home.asking import ask
from comity.home.assessed import assess
from comity.home.casework import work_through
from comity.home.claiming import claim
from comity.home.complaints import load_complaints
from comity.home.decisions import decide
from comity.home.demonstration import Organisation, sign_ins
from comity.home.governing import govern
from comity.home.improving import improve
from comity.home.informing import inform
from comity.home.learning import learn
from comity.home.measuring import measure
from comity.home.polling import poll
from comity.home.protecting import protect
from comity.home.relating import relate
from comity.home.reviewing import review
from comity.home.rulebook import write_rules
from comity.home.sitting import sit
from comity.home.supplying import supply
from comity.home.surveying import survey
from comity.records.models import Entry


class Command(BaseCommand):
    help = "Fill an empty database with the sample organisation and 4,066 real complaints."
    sign_ins = sign_ins()

    def handle(self, *_args: Any, **_options: Any) -> None:
        if Entry.objects.exists():
            raise CommandError("There are records already. The sample is for an empty database only.")
        organisation = Organisation()
        organisation.found()
        ask(organisation)
        write_rules(organisation)
        load_complaints(organisation)
        work_through(organisation)
        relate(organisation)
        improve(organisation)
        measure(organisation)
        supply(organisation)
        review(organisation)
        sit(organisation)
        claim(organisation)
        poll(organisation)
        survey(organisation)
        decide(organisation)
        govern(organisation)
        inform(organisation)
        learn(organisation)
        protect(organisation)
        assess(organisation)
        compute_and_keep(Inquiry())
