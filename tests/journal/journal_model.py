"""What the journal should do, written a second time: plain dicts, no SQL, no shared code."""

from datetime import timedelta

NEVER = {"superseded", "no_consent"}
FINAL = {"accepted", "bounced", "cancelled", "unknown"}


class Model:
    """The messages of one destination. States are compared by name with the journal's."""

    def __init__(self):
        self.messages = {}
        self.stopped = set()
        self.blocks = []

    def hand_over(self, facts, blocked_by, consent_at, now):
        one = self.messages.get(facts["message_id"])
        if one is None:
            one = dict(facts, state="pending", due=None, risky=False, tries=0, payload=True)
            one["expires_at"] = facts["expires_at"]
            self.messages[facts["message_id"]] = one
        elif one["state"] not in {"pending", "held", "retry", "claimed"}:
            return
        one.update(blocked_by=blocked_by, consent_at=consent_at, checked_at=now)
        if one["state"] != "claimed":
            self._apply_block(one)

    def _apply_block(self, one):
        if one["blocked_by"] in NEVER:
            self._end(one, "unknown" if one["risky"] else "cancelled")
        elif one["blocked_by"]:
            one["state"] = "held"
        elif one["state"] == "held":
            one["state"] = "pending"

    def _end(self, one, state):
        one["state"] = state
        one["payload"] = state not in FINAL

    def _is_stopped(self, one):
        scopes = {("global", None), ("brand", one["brand"]), ("person", one["person_id"])}
        return bool(scopes & self.stopped)

    def _is_blocked(self, one):
        return any(
            address == one["address"]
            and (
                kind != "opt_out"
                or (
                    brand in {None, one["brand"]}
                    and (one["consent_at"] is None or at >= one["consent_at"])
                )
            )
            for address, kind, brand, at in self.blocks
        )

    def claim(self, limit, now):
        for one in self.messages.values():
            is_open = one["state"] in {"pending", "held", "retry"}
            if is_open and one["expires_at"] <= now:
                self._end(one, "unknown" if one["risky"] else "cancelled")
        picked = []
        in_turn = sorted(
            self.messages.values(), key=lambda m: (m["lane"], -m["priority"], m["message_id"])
        )
        for one in in_turn:
            if len(picked) == limit:
                break
            ready = (
                one["state"] in {"pending", "retry"}
                and one["blocked_by"] is None
                and one["checked_at"] >= now - timedelta(minutes=15)
                and (one["due"] is None or one["due"] <= now)
                and not self._is_stopped(one)
            )
            if not ready:
                continue
            if self._is_blocked(one):
                self._end(one, "unknown" if one["risky"] else "cancelled")
            elif not self._in_flight(one):
                one["state"] = "claimed"
                picked.append(one["message_id"])
        return picked

    def _in_flight(self, one):
        return any(
            other["state"] == "claimed"
            and (other["node_id"] == one["node_id"] or other["address"] == one["address"])
            for other in self.messages.values()
        )

    def verdict(self, message_id, state, due, risky, now):
        one = self.messages[message_id]
        one["due"] = due
        one["risky"] = one["risky"] or risky
        self._end(one, "dead" if state == "rejected" else state)
        if state == "bounced":
            self.blocks.append((one["address"], "bounce", None, now))
        if state == "retry":
            self._apply_block(one)

    def recover(self, lost, now):
        """`lost`: the retry class by message id of what a dead worker had claimed."""
        for one in self.messages.values():
            if one["message_id"] in lost:
                again = lost[one["message_id"]] == "N" or one["message_class"] == "service"
                state = "retry" if again else "unknown"
                self.verdict(one["message_id"], state, now if again else None, True, now)
            if one["state"] == "dead" and one["expires_at"] <= now:
                one["payload"] = False

    def counts(self):
        states = [one["state"] for one in self.messages.values()]
        return {state: states.count(state) for state in sorted(set(states))}
