"""Rules of `docs/reference/decisions.md`, each broken on purpose in the text of the SQL."""

from collections.abc import Mapping
from typing import NamedTuple


class Breaking(NamedTuple):
    """A model or macro, and a text in it that is exchanged."""

    name: str
    old: str
    new: str


_FIRST_CAP = """min(
                case
                    when not u.is_slot and {{ is_full('u', 'w.taken') }}"""

BROKEN: Mapping[str, Breaking] = {
    "7 it is quiet at the instant of its end": Breaking(
        "quiet_now",
        "and until > {{ batch_time() }}",
        "and until >= {{ batch_time() }}",
    ),
    "9 the bucket is that of the last node": Breaking(
        "holdout_assignments", "order by t.node_seq", "order by t.node_seq desc"
    ),
    "10 the last assignment counts": Breaking(
        "arms",
        "order by h.assigned_at, h.assignment_id",
        "order by h.assigned_at desc",
    ),
    "12 a message on hold cannot be called back": Breaking(
        "contestants", "in ('pending', 'held')", "in ('pending')"
    ),
    "13 the oldest score counts": Breaking(
        "contestants", "order by p.stated_at desc", "order by p.stated_at"
    ),
    "13 the lower priority is first": Breaking(
        "contest", "coalesce(p.priority, c.priority) desc", "coalesce(p.priority, c.priority)"
    ),
    "13 a tie is broken the other way": Breaking(
        "contest",
        "coalesce(p.candidate_id, c.candidate_id),",
        "coalesce(p.candidate_id, c.candidate_id) desc,",
    ),
    "13 a fallback stands before its action": Breaking(
        "contest",
        "p.candidate_id is not null\n        ) as position",
        "p.candidate_id is null\n        ) as position",
    ),
    "14 groups have no slots": Breaking(
        "contest", "where q.conflict_group is not null", "where false"
    ),
    "14 what was sent counts an instant longer": Breaking(
        "contest", "or m.sent_at > s.since", "or m.sent_at >= s.since"
    ),
    "14 only what was sent counts": Breaking(
        "contestants",
        "'claimed', 'retry', 'accepted', 'delivered', 'unknown'\n        )\n    {% else %}",
        "'accepted', 'delivered', 'unknown'\n        )\n    {% else %}",
    ),
    "14 an expired message that was not claimed counts": Breaking(
        "contestants",
        "and r.expires_at > {{ batch_time() }}\n        and coalesce(ms.state",
        "and coalesce(ms.state",
    ),
    "15 who is held out takes what it would": Breaking("contest", "and not n.is_held_out\n", "\n"),
    "15 who is capped takes a slot all the same": Breaking(
        "contest", "and not n.is_capped\n", "\n"
    ),
    "17 the last full cap by name decides": Breaking(
        "contest", _FIRST_CAP, _FIRST_CAP.replace("min(", "max(")
    ),
    "17 any full cap turns to the next channel": Breaking(
        "contest", "r.when_full = 'next_channel'", "r.when_full is not null"
    ),
    "18 nothing is recalled too late": Breaking(
        "candidate_checks",
        "'unknown', 'bounced'\n        ), false) as",
        "'no state'\n        ), false) as",
    ),
    "19 an end of a message wakes nobody": Breaking(
        "due_candidates", "k.reason in ('outranked', 'capped')", "k.reason in ('nothing')"
    ),
    "20 what has ended unsent counts": Breaking(
        "ops_runaway_journeys",
        "not in ('cancelled', 'rejected', 'dead', 'bounced')",
        "not in ('no state')",
    ),
    "20 the usual is the highest hour": Breaking(
        "ops_runaway_journeys", "h.place = 84", "h.place = 1"
    ),
    "20 each journey of a person is counted by itself": Breaking(
        "ops_runaway_journeys",
        "sum(count(*)) over (partition by p.person_id)",
        "count(*)",
    ),
    "20 what came before a resume counts": Breaking(
        "ops_runaway_journeys",
        "coalesce(c.message_decided_at > g.let_go_at, true)",
        "true",
    ),
    "22 who is held out twice is exposed in both": Breaking(
        "int_decisions__exposures",
        "where controls = case when arm = 'control' then 1 else 0 end",
        "where controls = 0 or arm = 'control'",
    ),
    "22 what was outranked exposes": Breaking(
        "int_decisions__exposures", "in ('send', 'route', 'escalate')", "<> 'nothing'"
    ),
    "22 the lowest rank of one batch is first": Breaking(
        "int_decisions__exposures",
        "order by rank desc, candidate_id",
        "order by rank, candidate_id",
    ),
}
