"""Every call of rudder-sdk-python; arguments: URL of the collector, write key."""

import sys

from rudderstack.analytics.client import Client

url, key = sys.argv[1:]
failures = []
client = Client(key, host=url, on_error=lambda error, _items: failures.append(error))
client.identify("u1", {"email": "ann@mail.example", "plan": "basic"})
client.track("u1", "quote_started", {"quote_id": "q1", "value": 700.5})
client.page("u1", "shop", "tariffs", {"path": "/tariffs"})
client.screen("u1", "app", "home")
client.group("u1", "g1", {"size": 3})
client.alias("a1", "u1")
client.flush()
client.join()
sys.exit(f"{failures}" if failures else 0)
