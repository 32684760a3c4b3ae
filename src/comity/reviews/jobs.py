"""What the worker does for reviews."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from django_tasks import task

from comity.accounts.models import Person
from comity.records import write
from comity.records.write import Actor
from comity.reports import pdf
from comity.reports.blocks import for_press
from comity.reviews.models import Review
from comity.reviews.review_report import of_review


@task()
def keep_report(review_id: int, person_id: int) -> str:
    """Set the report as it stands and keep it as a file of the review; whose language it is says who issued it."""
    review, person = Review.objects.get(pk=review_id), Person.objects.get(pk=person_id)
    with override(person.language):
        content = pdf.printed("report", for_press(of_review(review, person), review.ref))
    name = f"{review.ref}.pdf"
    write.attach(review, SimpleUploadedFile(name, content, "application/pdf"), actor=Actor(person, "job"))
    return name
