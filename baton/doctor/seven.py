"""The seven questions that buyers ask first."""

from baton.doctor.answers import ATTENTION, MISSING, Ground, Question, Said, judged


def _identity(ground: Ground) -> Said:
    found = ground.row(
        "select count(distinct person_id) as persons, count(*) as identifiers from {identity_map}"
    )
    rules = ground.count("select count(*) from {stg_release__identity_rules}")
    changed = ground.count("select count(*) from {identity_changes}")
    held = ground.count("select count(*) from {identity_conflicts}")
    broken = ground.count("select count(*) from {ops_accepted_edges_across_persons}")
    decided = len(ground.journal.overrides.standing())
    return judged(
        f"in the warehouse: {found['persons']:,} persons of {found['identifiers']:,} identifiers "
        f"by {rules} rules; {changed:,} merges and splits on record, {decided:,} decisions of "
        f"stewards, {held:,} conflicts held apart by a limit",
        (not found["persons"], MISSING, "let sources arrive: docs/how-to/add_a_source.md"),
        (broken > 0, ATTENTION, "accepted links join different persons: `baton run` again"),
    )


def _latency(ground: Ground) -> Said:
    found = ground.rows(
        "select channel, count(*) as messages, quantile_cont(total_s, 0.95) as p95_s"
        " from {message_latency} where accepted_at is not null and not was_held and not is_by_time"
        " group by channel order by channel"
    )
    broken = ground.rows(
        "select subject from {promises} where promise = 'claimed' and is_broken order by subject"
    )
    channels = ", ".join(
        f"{one['channel']} {one['p95_s']:,.1f} s ({one['messages']:,})" for one in found
    )
    late = ", ".join(one["subject"] for one in broken)
    return judged(
        f"19 of 20 messages by an event within: {channels}" if found else "nothing was measured",
        (not found, MISSING, "it is measured once a message that an event caused was accepted"),
        (bool(late), ATTENTION, f"slower than promised: {late}; docs/how-to/watch_the_speed.md"),
    )


def _collisions(ground: Ground) -> Said:
    rules = ground.row(
        "select (select count(*) from {stg_release__caps}) as caps,"
        " (select count(*) from {stg_release__slots}) as slots"
    )
    stopped = {
        one["reason"]: one["people"]
        for one in ground.rows(
            "select reason, count(distinct candidate_id) as people from {decisions}"
            " where reason in ('outranked', 'capped', 'already_done') group by reason"
        )
    }
    twice = ground.count(
        "select count(*) from (select message_id from {stg_journal__message_events}"
        " where state = 'accepted' group by message_id having count(distinct attempt_id) > 1)"
    )
    lost, full, done = (stopped.get(one, 0) for one in ("outranked", "capped", "already_done"))
    return judged(
        f"one walk over all candidates with {rules['slots']} slots and {rules['caps']} caps: "
        f"{lost:,} gave way to a better one, {full:,} met a full cap, {done:,} were done already; "
        f"{twice:,} messages accepted twice",
        (not rules["caps"], MISSING, "set a cap in seeds/policies/caps.csv, then release it"),
        (twice > 0, ATTENTION, "`baton outbox list` and the tool's own log say which"),
    )


def _history(ground: Ground) -> Said:
    found = ground.row(
        "select (select count(*) from {decisions}) as decisions,"
        " (select count(*) from {message_outcomes}) as outcomes,"
        " (select count(*) from raw.ledger_digests) as links"
    )
    return judged(
        f"{found['decisions']:,} evaluations and {found['outcomes']:,} messages with what became "
        f"of them, sealed in a chain of {found['links']:,} digests",
        (not found["decisions"], MISSING, "nothing was decided yet: make a release live"),
        (not found["links"], MISSING, "no digest was written; run a batch of this version"),
    )


def _handed_on(ground: Ground) -> Said:
    found = ground.rows(
        "select coalesce(kind, 'other') as kind, cast(sum(handed) as bigint) as handed,"
        " cast(sum(carried) as bigint) as carried"
        " from {handoffs_daily} group by 1 order by 1"
    )
    kinds = ", ".join(f"{one['kind']} {one['carried']:,} of {one['handed']:,}" for one in found)
    return judged(
        f"hand-overs whose context reached the tool: {kinds}"
        if found
        else "nothing was handed over",
        (not found, MISSING, "let a card route or escalate: docs/how-to/hand_over_with_context.md"),
        (
            any(one["carried"] < one["handed"] for one in found),
            ATTENTION,
            "`baton outbox list` shows what has not reached its tool",
        ),
    )


def _roll_back(ground: Ground) -> Said:
    log = ground.journal.activations()
    withdrawn = sum(one.kind == "withdraw" for one in log)
    live = ground.rows("select release_id from {stg_release__live}")
    name = live[0]["release_id"][:12] if live else "none"
    return judged(
        f"release {name} is live; activations on record: {len(log) - withdrawn}, withdrawals: "
        f"{withdrawn}",
        (not live, MISSING, "make the rules live: `baton release activate`"),
        (withdrawn == 0, ATTENTION, "it was never practised: docs/how-to/roll_back.md"),
    )


def _tools(ground: Ground) -> Said:
    found = ground.rows(
        "select a.destination, count(distinct e.message_id) as accepted from ("
        " select distinct destination from {stg_release__actions} where destination is not null"
        ") as a left join {stg_journal__message_events} as e"
        " on a.destination = e.destination and e.state = 'accepted'"
        " group by a.destination order by a.destination"
    )
    dead = sum(int(one["dead"]) for one in ground.journal.backlog())
    silent = ", ".join(one["destination"] for one in found if not one["accepted"])
    tools = ", ".join(f"{one['destination']} {one['accepted']:,}" for one in found)
    return judged(
        f"messages accepted: {tools}; {dead:,} dead" if found else "no action names a tool",
        (not found, MISSING, "name destinations in actions.csv and activation/destinations.yml"),
        (dead > 0, ATTENTION, "`baton outbox list --state dead` says why; replay or drop them"),
        (
            bool(silent),
            ATTENTION,
            f"nothing reached {silent} yet: docs/how-to/send_to_your_tools.md",
        ),
    )


SEVEN = (
    Question(
        "1",
        "Where does identity resolution happen, and how is it governed?",
        "identity.identity_map, identity_changes; `baton identity explain | conflicts`",
        _identity,
    ),
    Question(
        "2",
        "How long from a customer's event to the action, per channel?",
        "metrics.message_latency, latency_hourly; `baton status --check`",
        _latency,
    ),
    Question(
        "3",
        "How are collisions and duplicates prevented?",
        "decisions.decision_checks; seeds/policies/caps.csv, slots.csv",
        _collisions,
    ),
    Question(
        "4",
        "Is there a full history of decision changes and outcomes?",
        "`baton audit`, `baton audit verify`; decisions.decisions, metrics.message_outcomes",
        _history,
    ),
    Question(
        "5",
        "Does context travel in hand-offs, digital to voice included?",
        "metrics.handoffs_daily, activation.handoff_contexts",
        _handed_on,
    ),
    Question(
        "6",
        "Can a rule that does harm be rolled back?",
        "`baton release list | withdraw`; raw.journal_activations",
        _roll_back,
    ),
    Question(
        "7",
        "Does it act through the tools that are already there?",
        "`baton outbox list`, `baton sync list`; activation/destinations.yml",
        _tools,
    ),
)
