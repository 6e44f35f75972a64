"""Webhooks from the change to the portal: a real database, a real receiver, and time that the test moves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM, Actor, Role
from matchmaker.domain.member import Member, Purpose
from matchmaker.domain.review import Move
from matchmaker.domain.round import Capacity, RoundRules
from matchmaker.domain.webhook import (
    FAILING_AFTER,
    OVERLAP,
    PAUSES,
    SUBSCRIBED,
    Answer,
    Delivery,
    DeliveryState,
    DisabledReason,
    Endpoint,
    EventType,
)
from matchmaker.errors import Forbidden, IllegalMove, InvalidInput, StaleVersion, UnknownRecord
from matchmaker.services.case_moves import move_case, suggest_case
from matchmaker.services.webhook_delivery import LEASE, WebhookDelivery
from matchmaker.services.webhooks import MAX_ENDPOINTS
from tests.correspondence import KR, KR_CONTACT, SG, SG_CONTACT, Mailbox, introduced, mail_server
from tests.factories import make_member
from tests.webhooks import Clock, Receiver, portal, prepare, receiving, verified

REVISED = frozenset({EventType.MEMBER_REVISED})
KOREA = Actor("seoul", Role.COORDINATOR_KR)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def product(matchmaker: Matchmaker, clock: Clock) -> Matchmaker:
    prepare(matchmaker, clock)
    return matchmaker


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def owner(product: Matchmaker) -> Actor:
    return portal(product)


@pytest.fixture
def endpoint(product: Matchmaker, owner: Actor, receiver: Receiver) -> Endpoint:
    return product.webhooks.create(owner, receiver.url, REVISED)


def revise(product: Matchmaker, member: Member | None = None) -> None:
    changed = member or make_member()
    product.registration.revise(changed.external_id, changed)


def log_of(product: Matchmaker, owner: Actor, endpoint: Endpoint) -> tuple[Delivery, ...]:
    return product.webhooks.list_deliveries(owner, endpoint.id, None, 100).items


def turn(product: Matchmaker) -> int:
    return product.webhook_delivery.follow_up()


def test_a_change_reaches_the_portal_signed_and_without_the_profile(
    product: Matchmaker, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    revise(product)
    assert turn(product) == 1
    (request,) = receiver.received
    told = verified(endpoint.secret, request)
    assert (told["type"], told["data"]) == ("member.revised", {"member": "kr-one"})
    assert set(told) == {"type", "timestamp", "data"}
    (delivery,) = log_of(product, owner, endpoint)
    assert (delivery.state, delivery.attempt, delivery.status) == (DeliveryState.DELIVERED, 1, 204)
    assert request.headers["webhook-id"] == delivery.event.id
    assert turn(product) == 0


def test_a_stranger_cannot_have_signed_it(
    product: Matchmaker, receiver: Receiver, endpoint: Endpoint
) -> None:
    package = pytest.importorskip("standardwebhooks", reason="absent: standardwebhooks")
    revise(product)
    turn(product)
    other = product.webhooks.create(portal(product), receiver.url, REVISED)
    with pytest.raises(package.WebhookVerificationError):
        verified(other.secret, receiver.received[0])


def test_after_a_rotation_both_secrets_verify_until_the_old_one_ends(
    product: Matchmaker, clock: Clock, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    rotated = product.webhooks.rotate(owner, endpoint.id)
    assert rotated.secret != endpoint.secret
    revise(product)
    turn(product)
    assert verified(endpoint.secret, receiver.received[0]) == verified(rotated.secret, receiver.received[0])
    clock.at += OVERLAP
    revise(product)
    turn(product)
    assert len(receiver.received[1].headers["webhook-signature"].split(" ")) == 1


def test_what_was_not_taken_is_tried_by_the_schedule_and_then_given_up(
    product: Matchmaker, clock: Clock, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    receiver.answers = [500] * 20
    revise(product)
    for number, pause in enumerate(PAUSES, 1):
        turn(product)
        turn(product)
        assert len(receiver.received) == number
        (delivery,) = log_of(product, owner, endpoint)
        assert (delivery.state, delivery.attempt, delivery.status) == (DeliveryState.WAITING, number, 500)
        clock.at += pause * 1.2
    turn(product)
    (delivery,) = log_of(product, owner, endpoint)
    assert (delivery.state, delivery.next_attempt_at) == (DeliveryState.FAILED, None)
    clock.forward(days=2)
    turn(product)
    assert len(receiver.received) == len(PAUSES) + 1
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    assert len({request.body for request in receiver.received}) == 1


def test_a_redirect_is_not_followed(
    product: Matchmaker, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    receiver.answers = [307]
    revise(product)
    assert turn(product) == 0
    assert [request.path for request in receiver.received] == ["/"]
    (delivery,) = log_of(product, owner, endpoint)
    assert (delivery.state, delivery.status) == (DeliveryState.WAITING, 307)


def test_410_ends_it_for_good_until_it_is_switched_on_again(
    product: Matchmaker, clock: Clock, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    receiver.answers = [500, 410]
    revise(product)
    turn(product)
    revise(product)
    turn(product)
    disabled = product.webhooks.get(owner, endpoint.id)
    assert (disabled.disabled_reason, disabled.disabled_at) == (DisabledReason.GONE, clock.at)
    assert {each.state for each in log_of(product, owner, endpoint)} == {DeliveryState.FAILED}
    revise(product)
    clock.forward(days=1)
    turn(product)
    assert len(receiver.received) == 2
    with pytest.raises(IllegalMove):
        product.webhooks.test(owner, endpoint.id)
    product.webhooks.revise(owner, endpoint.id, is_enabled=True)
    revise(product)
    assert turn(product) == 1


def test_an_endpoint_that_takes_nothing_for_days_is_disabled(
    product: Matchmaker, clock: Clock, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    receiver.answers = [500, 500]
    revise(product)
    turn(product)
    assert product.webhooks.get(owner, endpoint.id).failing_since == clock.at
    clock.at += FAILING_AFTER
    turn(product)
    assert product.webhooks.get(owner, endpoint.id).disabled_reason is DisabledReason.FAILING


def test_one_success_ends_a_failing_time(
    product: Matchmaker, clock: Clock, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    receiver.answers = [500]
    revise(product)
    turn(product)
    clock.forward(minutes=1)
    assert turn(product) == 1
    assert product.webhooks.get(owner, endpoint.id).failing_since is None


def test_a_delivery_is_replayed_under_the_same_id(
    product: Matchmaker, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    revise(product)
    turn(product)
    (first,) = log_of(product, owner, endpoint)
    again = product.webhooks.replay(owner, endpoint.id, first.id)
    assert again.id != first.id
    assert turn(product) == 1
    ids = {request.headers["webhook-id"] for request in receiver.received}
    assert (len(receiver.received), ids) == (2, {first.event.id})


def test_replaying_what_waits_tries_it_now_and_not_twice(
    product: Matchmaker, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    receiver.answers = [500]
    revise(product)
    turn(product)
    (waiting,) = log_of(product, owner, endpoint)
    assert product.webhooks.replay(owner, endpoint.id, waiting.id).id == waiting.id
    assert turn(product) == 1
    (delivery,) = log_of(product, owner, endpoint)
    assert delivery.attempt == 2


def test_a_test_event_goes_to_this_endpoint_alone(
    product: Matchmaker, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    product.webhooks.create(owner, receiver.url + "other", REVISED)
    product.webhooks.test(owner, endpoint.id)
    assert turn(product) == 1
    (request,) = receiver.received
    told = verified(endpoint.secret, request)
    assert (request.path, told["type"]) == ("/", "webhook.test")


def test_an_event_is_there_if_and_only_if_the_change_is(
    product: Matchmaker, clock: Clock, receiver: Receiver, endpoint: Endpoint
) -> None:
    listener = product.webhooks.create(
        portal(product, Role.ADMINISTRATOR), receiver.url, [EventType.CASE_MOVED]
    )

    def decide(*, commits: bool) -> None:
        with product.store.writing() as work:
            case = suggest_case(
                work, "kr-one", "sg-one", Purpose.STARTUP, KOREA, clock.at, score=0.3, rule="2", snapshot="s"
            )
            move_case(work, case, Move.SHORTLIST, KOREA, clock.at, expected_version=1)
            if commits:
                work.commit()

    decide(commits=False)
    assert turn(product) == 0
    decide(commits=True)
    assert turn(product) == 2
    told = [verified(listener.secret, request)["data"] for request in receiver.received]
    assert sorted(each["move"] for each in told) == ["shortlist", "suggest"]
    assert {(each["kr"], each["sg"]) for each in told} == {("kr-one", "sg-one")}


def test_an_administrator_hears_of_an_introduction_step_by_step(
    product: Matchmaker, clock: Clock, receiver: Receiver
) -> None:
    clock.forward(minutes=-6)
    kinds = [kind for kind in SUBSCRIBED if kind.startswith("introduction.")]
    listener = product.webhooks.create(portal(product, Role.ADMINISTRATOR), receiver.url, kinds)
    with mail_server(Mailbox()) as mailer:
        vars(product).update(mailer=mailer)
        for contact in (KR_CONTACT, SG_CONTACT):
            product.contacts.put(contact, SYSTEM)
        introduction = introduced(product)
        clock.forward(minutes=6)
        product.introductions.follow_up()
        product.introductions.answer(introduction.id, KR, True)
        product.introductions.answer(introduction.id, SG, True)
    turn(product)
    told = [verified(listener.secret, request) for request in receiver.received]
    assert sorted(each["type"].partition(".")[2] for each in told) == [
        "accepted",
        "answered",
        "answered",
        "asked",
    ]
    assert all(each["data"] == {"introduction": introduction.id} for each in told)


def test_an_administrator_hears_of_a_round(product: Matchmaker, receiver: Receiver) -> None:
    listener = product.webhooks.create(
        portal(product, Role.ADMINISTRATOR), receiver.url, [EventType.ROUND_PUBLISHED]
    )
    rules = RoundRules(Purpose.STARTUP, usual=Capacity(0, 1))
    held = product.rounds.solve_now(product.rounds.open("Autumn", rules, KOREA).id, KOREA)
    product.rounds.publish(held.id, KOREA)
    turn(product)
    assert [verified(listener.secret, each)["data"] for each in receiver.received] == [{"round": held.id}]


def test_what_nobody_wants_is_not_kept(product: Matchmaker, endpoint: Endpoint) -> None:
    product.registration.withdraw("kr-chip")
    with product.store.reading() as work:
        assert not work.events.has_unspread()


def test_a_portal_hears_only_what_it_may_read(product: Matchmaker, owner: Actor, receiver: Receiver) -> None:
    for kind in (EventType.CASE_MOVED, EventType.INTRODUCTION_ACCEPTED, EventType.ROUND_PUBLISHED):
        with pytest.raises(Forbidden):
            product.webhooks.create(owner, receiver.url, [kind])
    product.webhooks.create(portal(product, Role.ADMINISTRATOR), receiver.url, list(EventType)[:-1])


def test_a_revoked_key_silences_its_endpoints(
    product: Matchmaker, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    revise(product)
    product.keys.revoke(owner.id)
    assert turn(product) == 0
    assert receiver.received == []
    administrator = portal(product, Role.ADMINISTRATOR)
    assert product.webhooks.get(administrator, endpoint.id).disabled_reason is DisabledReason.OWNER


def test_others_endpoints_are_not_there(product: Matchmaker, endpoint: Endpoint) -> None:
    stranger = portal(product)
    assert product.webhooks.list_all(stranger) == []
    for call in (
        lambda: product.webhooks.get(stranger, endpoint.id),
        lambda: product.webhooks.revise(stranger, endpoint.id, is_enabled=False),
        lambda: product.webhooks.rotate(stranger, endpoint.id),
        lambda: product.webhooks.remove(stranger, endpoint.id),
        lambda: product.webhooks.test(stranger, endpoint.id),
        lambda: product.webhooks.list_deliveries(stranger, endpoint.id, None, 5),
        lambda: product.webhooks.replay(stranger, endpoint.id, 1),
    ):
        with pytest.raises(UnknownRecord):
            call()
    assert [each.id for each in product.webhooks.list_all(portal(product, Role.ADMINISTRATOR))] == [
        endpoint.id
    ]


def test_a_stale_version_changes_nothing(product: Matchmaker, owner: Actor, endpoint: Endpoint) -> None:
    with pytest.raises(StaleVersion):
        product.webhooks.revise(owner, endpoint.id, is_enabled=False, expected_version=9)
    with pytest.raises(StaleVersion):
        product.webhooks.remove(owner, endpoint.id, expected_version=9)
    assert product.webhooks.get(owner, endpoint.id) == endpoint


def test_endpoints_of_one_key_are_limited(product: Matchmaker, owner: Actor, receiver: Receiver) -> None:
    for number in range(MAX_ENDPOINTS):
        product.webhooks.create(owner, f"{receiver.url}{number}", REVISED)
    with pytest.raises(InvalidInput):
        product.webhooks.create(owner, receiver.url, REVISED)


def test_removing_an_endpoint_removes_its_log_and_what_waits(
    product: Matchmaker, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    revise(product)
    product.webhook_delivery.spread()
    product.webhooks.remove(owner, endpoint.id)
    assert turn(product) == 0
    assert receiver.received == []


def test_old_events_are_forgotten_with_their_deliveries(
    product: Matchmaker, clock: Clock, owner: Actor, endpoint: Endpoint
) -> None:
    revise(product)
    turn(product)
    clock.forward(days=product.settings.webhook_keep_days - 1)
    turn(product)
    assert log_of(product, owner, endpoint)
    clock.forward(days=2)
    turn(product)
    assert log_of(product, owner, endpoint) == ()


def test_the_log_is_paged_from_the_latest(product: Matchmaker, owner: Actor, endpoint: Endpoint) -> None:
    made = [product.webhooks.test(owner, endpoint.id).id for _ in range(5)]
    first = product.webhooks.list_deliveries(owner, endpoint.id, None, 2)
    made.append(product.webhooks.test(owner, endpoint.id).id)
    second = product.webhooks.list_deliveries(owner, endpoint.id, first.next_after, 3)
    assert [each.id for each in (*first.items, *second.items)] == made[4::-1]
    assert second.next_after is None


@dataclass
class Meeting:
    """A poster that lets two workers meet; what it posts is taken."""

    posted: list[str] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.posted.append(headers["webhook-id"])
        return Answer(200, None, 0)


def test_two_workers_never_send_the_same_delivery(
    product: Matchmaker, clock: Clock, owner: Actor, endpoint: Endpoint
) -> None:
    for _ in range(30):
        product.webhooks.test(owner, endpoint.id)
    poster, start, caught = Meeting(), threading.Barrier(4), list[BaseException]()

    def work() -> None:
        worker = WebhookDelivery(product.store, poster, clock)
        start.wait(10)
        try:
            worker.follow_up()
        except BaseException as error:
            caught.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert caught == []
    assert (len(poster.posted), len(set(poster.posted))) == (30, 30)


def test_two_workers_spread_an_event_once(product: Matchmaker, owner: Actor, endpoint: Endpoint) -> None:
    revise(product)
    threads = [threading.Thread(target=product.webhook_delivery.spread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(log_of(product, owner, endpoint)) == 1


class Dying(Exception):
    """The process ends."""


class DyingPoster:
    """The process dies while it sends."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        raise Dying


def test_a_delivery_whose_worker_died_is_taken_up_when_its_lease_is_over(
    product: Matchmaker, clock: Clock, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    product.webhooks.test(owner, endpoint.id)
    with pytest.raises(Dying):
        WebhookDelivery(product.store, DyingPoster(), clock).deliver()
    assert turn(product) == 0
    clock.at += LEASE
    assert turn(product) == 1


def test_a_worker_that_comes_late_does_not_overwrite_what_another_did(
    product: Matchmaker, clock: Clock, owner: Actor, endpoint: Endpoint
) -> None:
    made = product.webhooks.test(owner, endpoint.id)
    with product.store.writing() as work:
        late = work.deliveries.claim(made.id, clock.at, timedelta(seconds=1))
        work.commit()
    clock.forward(seconds=2)
    assert turn(product) == 1
    assert late is not None
    with product.store.writing() as work:
        assert not work.deliveries.finish(late, DeliveryState.FAILED, Answer(None, "timeout", 1))
        work.commit()
    assert log_of(product, owner, endpoint)[0].state is DeliveryState.DELIVERED


def test_one_endpoint_that_fails_does_not_hold_up_another(
    product: Matchmaker, owner: Actor, receiver: Receiver, endpoint: Endpoint
) -> None:
    closed = product.webhooks.create(owner, "http://127.0.0.1:1/", REVISED)
    for _ in range(3):
        product.webhooks.test(owner, closed.id)
        product.webhooks.test(owner, endpoint.id)
    assert turn(product) == 3
    assert sorted(each.attempt for each in log_of(product, owner, closed)) == [0, 0, 1]
    assert {each.error for each in log_of(product, owner, closed)} == {None, "connection"}


def test_logs_say_neither_addresses_nor_what_was_told(
    product: Matchmaker, owner: Actor, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "matchmaker")
    product.webhooks.create(owner, f"{receiver.url}token-in-path", REVISED)
    receiver.answers = [500]
    revise(product)
    turn(product)
    assert "was not taken" in caplog.text
    assert "token-in-path" not in caplog.text
    assert "kr-one" not in caplog.text


def test_a_new_endpoint_is_only_accepted_where_webhooks_may_go(product: Matchmaker, owner: Actor) -> None:
    with pytest.raises(InvalidInput):
        product.webhooks.create(owner, "https://169.254.169.254/", REVISED)
    with pytest.raises(InvalidInput):
        product.webhooks.create(owner, "https://hooks.example.org/", [])
