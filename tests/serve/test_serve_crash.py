"""Killed at any instant: an answer stands for a commit, and a statement never without its block."""

import random
import threading
import time

import httpx
import pytest
from service import Service
from visitors import KEYS, NOW, blocks, mail, own_link, statements

PEOPLE = range(6)


def people(journal):
    handed = [
        mail(
            message_id=f"m{n}",
            contact_point_id=f"cp{n}",
            address=f"ann{n}@mail.example",
            node_id=f"n{n}",
            person_id=f"p{n}",
        )
        for n in PEOPLE
    ]
    journal.hand_over(handed, checked_at=NOW)
    return [KEYS.sign(own_link(contact_point_id=f"cp{n}", message_id=f"m{n}")) for n in PEOPLE]


def click_until_dead(url, token, answers, began):
    with httpx.Client(timeout=10) as client:
        while True:
            try:
                answer = client.post(f"{url}/u/{token}", data={"List-Unsubscribe": "One-Click"})
            except httpx.HTTPError:
                return
            answers.append(answer.status_code)
            began.set()


def one_life(path, tokens, seconds):
    """Click from many sides, kill, and return how many clicks were answered."""
    answers, began = [], threading.Event()
    with Service(path) as service:
        sides = [
            threading.Thread(target=click_until_dead, args=(service.url, one, answers, began))
            for one in tokens
        ]
        for side in sides:
            side.start()
        began.wait(timeout=30)
        time.sleep(seconds)
        service.process.kill()
        for side in sides:
            side.join(timeout=30)
    assert set(answers) <= {200}
    return len(answers)


def kill_again_and_again(path, journal, times, seed):
    tokens, moments, answered = people(journal), random.Random(seed), 0  # noqa: S311
    for _ in range(times):
        answered += one_life(path, tokens, moments.uniform(0, 0.3))
    said = len(statements(journal))
    assert said == len(blocks(path))
    assert answered * 2 <= said <= (answered + times * len(tokens)) * 2
    assert answered > 0


def test_killed_once_nothing_answered_is_lost(path, journal):
    kill_again_and_again(path, journal, times=1, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_nothing_answered_is_lost(path, journal, seed):
    kill_again_and_again(path, journal, times=8, seed=seed)
