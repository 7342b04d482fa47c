"""Messages with transaction ids, to a server that says 429 when it is too fast."""

import time
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from between import Between
from running_servers import configured, free_port, hand_over

from activation import send

pytestmark = pytest.mark.long
SECRET = "shared-secret-of-the-tests"
CONFIG = """
server_name: chat.example
report_stats: false
listeners:
  - {{port: {port}, type: http, bind_addresses: [127.0.0.1], resources: [{{names: [client]}}]}}
database: {{name: sqlite3, args: {{database: "{home}/chat.db"}}}}
media_store_path: "{home}/media"
signing_key_path: "{home}/signing.key"
registration_shared_secret: {secret}
macaroon_secret_key: {secret}
form_secret: {secret}
trusted_key_servers: []
suppress_key_server_warning: true
rc_message: {{per_second: 8, burst_count: 8}}
"""


class Chat:
    """The chat as one of its users sees it."""

    def __init__(self, url, token=None):
        self.url, self.token = url, token

    def call(self, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        method, url = "GET" if body is None else "POST", f"{self.url}/_matrix/client/v3{path}"
        answer = httpx.request(method, url, json=body, headers=headers, timeout=20)
        return answer.raise_for_status().json()

    def texts(self, room):
        page = self.call(f"/rooms/{quote(room)}/messages?dir=b&limit=500")["chunk"]
        return [one["content"]["body"] for one in page if one["type"] == "m.room.message"]


@pytest.fixture(scope="module")
def chat(installed, tmp_path_factory):
    home, port = tmp_path_factory.mktemp("synapse"), free_port()
    file = home / "chat.yaml"
    file.write_text(CONFIG.format(port=port, home=home, secret=SECRET))
    homeserver = ("python", "-m", "synapse.app.homeserver", "-c", file)
    installed.run(*homeserver, "--generate-keys", cwd=home)
    url = f"http://127.0.0.1:{port}"
    with installed.start(*homeserver, cwd=home, ready=f"{url}/health"):
        user = ("-u", "baton", "-p", SECRET, "--no-admin")
        installed.run("register_new_matrix_user", "-c", file, *user, url, cwd=home)
        who = {"identifier": {"type": "m.id.user", "user": "baton"}, "password": SECRET}
        login = Chat(url).call("/login", {"type": "m.login.password", **who})
        yield Chat(url, login["access_token"])


@pytest.fixture
def room(chat):
    return chat.call("/createRoom", {"name": "sales"})["room_id"]


@pytest.fixture
def between(chat):
    with Between(chat.url) as proxy:
        yield proxy


@pytest.fixture
def config(chat, between):
    return configured("synapse", {"CHAT_URL": between.url, "CHAT_TOKEN": chat.token})


def to_room(room, number, **changes):
    message = hand_over(number, "chat", **changes)
    return hand_over(number, "chat", variables={**message.variables, "room": room}, **changes)


def test_a_message_whose_answer_was_lost_is_sent_again_and_stands_once(
    chat, room, journal, config, between
):
    journal.set_simulated_time(journal.now())
    journal.hand_over([to_room(room, 1, message_class="marketing")], checked_at=journal.now())
    between.lose("PUT", f"/_matrix/client/v3/rooms/{room}/send/m.room.message/msg-1")
    assert send(journal, config, now=journal.now).states == {"retry": 1}
    journal.set_simulated_time(journal.now() + timedelta(minutes=5))
    assert send(journal, config, now=journal.now).states == {"accepted": 1}
    assert between.count("PUT", "/_matrix", 200) == 2
    assert len(chat.texts(room)) == 1


def test_more_than_the_server_takes_arrives_once_each_and_the_sender_learns_its_pace(
    chat, room, journal, config, between
):
    numbers = range(100, 140)
    journal.hand_over([to_room(room, number) for number in numbers], checked_at=journal.now())
    until = time.monotonic() + 60
    while send(journal, config, now=journal.now).states or journal.waiting():
        assert time.monotonic() < until
        time.sleep(0.1)
    told = [text.partition("\n")[0] for text in chat.texts(room)]
    assert sorted(told) == sorted(f"Call Ann-Sophie about quote Q-{number}" for number in numbers)
    assert between.count("PUT", "/_matrix", 200) == len(numbers)
    assert 0 < between.count("PUT", "/_matrix", 429) <= len(numbers) / 4
