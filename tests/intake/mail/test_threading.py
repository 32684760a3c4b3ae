"""Where a letter goes: a reply never becomes a second case, and nobody gets into a foreign one.

The first tests are the failures by which other help desks are known: replies that open new tickets.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from comity.cases.models import Case
from comity.communications.mail import Mail, reply_address, token
from comity.communications.models import Communication
from comity.records import write
from tests.cases.conftest import ENDING, Desk
from tests.intake.mail.conftest import Post


def answering(post: Post, case: Case, **headers: Any) -> Any:
    """A reply in which nothing but the thread tells to what."""
    post.sent(case)
    return post.letter(
        "It is the second floor.", subject="Re: hello", in_reply_to="<out.1@provider.example>", **headers
    )


def test_a_reply_without_token_threads_by_references(post: Post, desk: Desk) -> None:
    case = desk.register()
    post.sent(case)
    taken = post.send("More.", subject="Something else", references="<x@y> <out.1@provider.example> <z@y>")
    assert taken.ref == case.ref and taken.state == "taken"
    assert Case.objects.count() == 1
    assert [one.body.strip() for one in post.said(case)] == ["More."]


def test_a_reply_to_ones_own_mail_threads_too(post: Post) -> None:
    first = post.letter()
    case = post.case(post.take(first))
    taken = post.send("I forgot something.", subject="Re: A question", in_reply_to=first["message-id"])
    assert taken.ref == case.ref and Case.objects.count() == 1


def test_a_colleague_in_copy_replies_into_the_thread(post: Post) -> None:
    first = post.letter()
    case = post.case(post.take(first))
    taken = post.send("I confirm.", references=first["message-id"], **{"from": "bo@elsewhere.example"})
    assert taken.ref == case.ref and Case.objects.count() == 1
    assert any("has no part in this matter" in note for note in post.notes(case))


@pytest.mark.parametrize("place", ["subject", "subject in capitals", "to", "cc", "delivered-to"])
def test_a_signed_token_threads_wherever_it_stands(post: Post, desk: Desk, place: str) -> None:
    case, address = desk.register(), reply_address("help@provider.example", "x")
    address = reply_address("help@provider.example", case.ref)
    mark = token(case.ref)
    headers: dict[str, Any] = {
        "subject": {"subject": f"AW: [{mark}] hello"},
        "subject in capitals": {"subject": f"RE: [{mark.upper()}]"},
        "to": {"to": f"Desk <{address}>"},
        "cc": {"cc": address.upper()},
        "delivered-to": {"delivered-to": address},
    }[place]
    assert post.send("More.", **headers).ref == case.ref
    assert Case.objects.count() == 1


@pytest.mark.parametrize("place", ["subject", "to"])
def test_a_forged_token_does_not_get_in(post: Post, desk: Desk, place: str) -> None:
    case = desk.register()
    mark = f"{case.ref.lower()}-{'a' * 16}"
    headers: dict[str, Any] = (
        {"subject": f"Re: [{mark}]"} if place == "subject" else {"to": f"help+{mark}@provider.example"}
    )
    taken = post.send("Let me in.", **headers, **{"from": "mallory@elsewhere.example"})
    assert taken.ref != case.ref and taken.state == "taken"
    assert post.said(case) == [] and post.notes(case) == []
    assert any(case.ref in note and "nothing shows" in note for note in post.notes(post.case(taken)))


def test_a_bare_number_counts_from_a_contact_of_that_customer(post: Post, desk: Desk) -> None:
    case = desk.register()
    assert post.send("More.", subject=f"About [{case.ref}]").ref == case.ref
    assert post.send("And more.", subject=f"about {case.ref.lower()}, please").ref == case.ref
    assert Case.objects.count() == 1


def test_the_number_of_a_letter_leads_to_its_case_and_that_of_a_customer_nowhere(post: Post, desk: Desk) -> None:
    """Nobody waits for complaints on the page of a customer or a contact: there no clock would run."""
    case, here = desk.at("acknowledged"), post.world
    (letter,) = desk.told(case)
    assert post.send("I have your letter.", subject=f"Your letter {letter.ref}").ref == case.ref
    assert post.send("Mine?", subject=letter.ref, **{"from": "mallory@elsewhere.example"}).ref != case.ref
    for ref in (here.customer.ref, here.contact.ref):
        taken = post.send("I complain.", subject=f"{ref}: nothing works")
        assert post.case(taken).is_complaint and not any(
            "part in that" in note for note in post.notes(post.case(taken))
        )


@pytest.mark.parametrize("sender", ["mallory@elsewhere.example", "lin@aster.example"])
def test_a_bare_number_does_not_count_from_others(post: Post, desk: Desk, sender: str) -> None:
    """A stranger, and a contact of another customer."""
    case = desk.register()
    taken = post.send("Tell me.", subject=f"About [{case.ref}]", **{"from": sender})
    assert taken.ref != case.ref and Case.objects.count() == 2
    assert post.said(case) == []
    assert any(case.ref in note for note in post.notes(post.case(taken)))


def test_somebody_unknown_may_name_the_case_that_is_theirs(post: Post) -> None:
    case = post.case(post.send(**{"from": "new@elsewhere.example"}))
    taken = post.send("More.", subject=f"[{case.ref}]", **{"from": "New <NEW@elsewhere.example>"})
    assert taken.ref == case.ref and Case.objects.count() == 1


def test_a_number_that_is_none_of_ours_is_just_words(post: Post) -> None:
    taken = post.send(subject="Order ABC-12345 and CMP-99999")
    assert taken.state == "taken" and post.counts()[0] == 1


@pytest.mark.parametrize("mailbox", ["help@provider.example/INBOX", "complaints@provider.example/INBOX"])
def test_the_same_message_twice_has_its_effect_once(post: Post, mailbox: str) -> None:
    letter = post.letter()
    first = post.take(letter)
    told = len(post.told(post.case(first)))
    again = post.take(letter, mailbox)
    assert again.again and again.ref == first.ref
    cases, communications, _mails = post.counts()
    assert (cases, communications) == (1, 1 + told)
    assert not Mail.objects.filter(mailbox=mailbox).exclude(ref=first.ref).exists()


def test_a_second_delivery_with_other_headers_of_the_way_is_the_same_message(post: Post) -> None:
    letter = post.letter()
    first = post.take(letter)
    again = post.take(b"Received: from a by b; Mon, 2 Mar 2026 10:00:00 +0000\n" + bytes(letter))
    assert again.again and again.ref == first.ref and post.counts()[0] == 1


def test_a_message_without_message_id_comes_once_too(post: Post) -> None:
    letter = post.letter(message_id=None)
    first, second = post.take(letter), post.take(letter)
    assert second.again and second.ref == first.ref and post.counts()[0] == 1
    assert Mail.objects.get().message_id.startswith("sha256:")


def test_another_message_of_the_same_name_is_not_overlooked(post: Post) -> None:
    """Scanners and forms name all their mails alike; and a stranger must not make us overlook somebody's mail."""
    post.send("One.", message_id="<always@scanner.example>", **{"from": "a@elsewhere.example"})
    other = post.send("Two.", message_id="<always@scanner.example>", **{"from": "b@elsewhere.example"})
    assert not other.again and post.counts()[0] == 2
    once_more = post.send("Two.", message_id="<always@scanner.example>", **{"from": "b@elsewhere.example"})
    assert once_more.again and post.counts()[0] == 2


def test_a_reply_to_a_merged_case_goes_to_the_survivor(post: Post, desk: Desk) -> None:
    case, other, last = desk.at("acknowledged"), desk.at("acknowledged"), desk.register()
    letter = answering(post, case)
    desk.move(case, "merge", "process_manager", case=other.ref, **ENDING)
    desk.move(other, "merge", "process_manager", case=last.ref, **ENDING)
    assert post.take(letter).ref == last.ref
    assert len(post.said(last)) == 1 and Case.objects.count() == 3


def test_a_reply_resumes_a_case_that_waits_for_it(post: Post, desk: Desk) -> None:
    case = desk.at("investigating")
    case = desk.move(case, "ask_customer", text="Which floor?")
    letter = answering(post, case)
    desk.later(hours=3)
    post.take(letter)
    case.refresh_from_db()
    assert case.status == "investigating" and case.paused_from is None and len(case.pauses) == 1


def test_neither_a_stranger_nor_a_robot_resumes_it(post: Post, desk: Desk) -> None:
    case = desk.at("investigating")
    case = desk.move(case, "ask_customer", text="Which floor?")
    stranger = answering(post, case, **{"from": "x@elsewhere.example"})
    robot = post.letter("I am away.", in_reply_to="<out.1@provider.example>", auto_submitted="auto-replied")
    for letter in (stranger, robot):
        assert post.take(letter).ref == case.ref
        case.refresh_from_db()
        assert case.status == "awaiting_customer"
    assert len(post.said(case)) == 2


def test_who_has_left_speaks_for_the_customer_no_more(post: Post, desk: Desk) -> None:
    """Not even in the matter that they brought up themselves: it is their former employer's."""
    case = post.case(post.send())
    assert post.take(answering(post, case)).reason == ""
    desk.world.move(desk.world.contact, "end", "relationship_manager", note="Left.")
    taken = post.send("More.", in_reply_to="<out.1@provider.example>")
    assert (taken.ref, taken.reason) == (case.ref, "stranger")
    assert any("has no part in this matter" in note for note in post.notes(case))
    assert post.send("More.", subject=f"About {case.ref}").ref != case.ref


def test_a_reply_to_a_result_neither_confirms_nor_rejects_and_is_read(post: Post, desk: Desk) -> None:
    case = desk.at("resolved")
    desk.later(hours=1)
    post.take(answering(post, case))
    case.refresh_from_db()
    assert case.status == "resolved"
    assert any("Somebody must read it" in note for note in post.notes(case))
    desk.until(case.remind_at)
    desk.sweep(case)
    desk.until(case.confirm_due_at + timedelta(days=1))
    assert desk.sweep(case).status == "resolved", "a case closed over an unread reply"
    heard = post.said(case)[0].ref
    case = desk.move(case, "reject", "complaint_handler", "It is not solved.", communication=heard)
    assert case.status == "investigating"


def test_a_result_nobody_answers_expires_as_ever(post: Post, desk: Desk) -> None:
    case = desk.at("resolved")
    post.sent(case)
    post.send("I am away.", in_reply_to="<out.1@provider.example>", auto_submitted="auto-replied")
    desk.until(case.remind_at)
    desk.sweep(case)
    desk.until(case.confirm_due_at + timedelta(days=1))
    assert desk.sweep(case).status == "closed"


def test_a_reply_soon_after_closing_is_posted_and_told(post: Post, desk: Desk) -> None:
    case = desk.at("closed")
    desk.later(days=2)
    assert post.take(answering(post, case)).ref == case.ref
    case.refresh_from_db()
    assert case.status == "closed" and Case.objects.count() == 1
    assert any("after closing" in note for note in post.notes(case))


def test_a_late_reply_becomes_a_linked_follow_up(post: Post, desk: Desk) -> None:
    case = desk.at("closed")
    letter = answering(post, case)
    desk.later(days=400)
    taken = post.take(letter)
    assert taken.ref != case.ref and Case.objects.count() == 2
    made = post.case(taken)
    assert (made.customer_id, made.contact_id, made.unit_id) == (case.customer_id, case.contact_id, case.unit_id)
    assert made.classification == "complaint" and made.channel == "email"
    assert any(made.ref in note for note in post.notes(case))
    again = post.send("And?", in_reply_to="<out.1@provider.example>")
    assert again.ref == made.ref, "a second late reply opened a second case"
    assert Case.objects.count() == 2


def test_a_reply_never_follows_a_link_to_another_customer(post: Post, desk: Desk) -> None:
    """Whoever could tie two cases would otherwise turn one customer's mail into the other one's portal."""
    case = desk.at("closed")
    other = desk.register(customer=post.world.child.ref, contact=post.world.child_contact.ref)
    write.link(other, "follow_up_of", case, actor=desk.rule())
    assert post.take(answering(post, case)).ref == case.ref
    assert not post.said(other)


def test_whoever_had_a_part_in_the_old_matter_has_none_in_the_one_that_goes_on(post: Post, desk: Desk) -> None:
    """The sender of the first mail is nobody to the case that it was merged into."""
    stranger = {"from": "bo@elsewhere.example"}
    first = post.letter("It is down.", **stranger)
    case = post.case(post.take(first))
    case = write.update(case, {"customer": post.world.customer.ref}, actor=desk.rule())
    survivor = desk.at("investigating")
    survivor = desk.move(survivor, "ask_customer", text="Which floor?")
    desk.move(case, "merge", "process_manager", case=survivor.ref, **ENDING)
    assert post.send("The second.", in_reply_to=first["message-id"], **stranger).ref == survivor.ref
    survivor.refresh_from_db()
    assert survivor.status == "awaiting_customer"
    assert any("has no part in this matter" in note for note in post.notes(survivor))


def test_a_slow_clock_of_the_sender_does_not_spoil_a_confirmation(post: Post, desk: Desk) -> None:
    case = desk.at("resolved")
    slow = (timezone.now() - timedelta(hours=9)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    desk.later(hours=1)
    post.take(answering(post, case, date=slow))
    assert desk.move(case, "confirm", communication=post.said(case)[0].ref).close_ground == "confirmed"


def test_a_reply_about_another_record_is_logged_there(post: Post, world: Any) -> None:
    Mail.objects.create(
        direction="out", state="sent", message_id="s.1@provider.example", ref=world.service.ref, at=timezone.now()
    )
    taken = post.send("Fine.", in_reply_to="<s.1@provider.example>")
    assert taken.ref == world.service.ref and Case.objects.count() == 0
    assert Communication.objects.get().subject_ref == world.service.ref
