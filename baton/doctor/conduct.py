"""Why, how fast it stops, which context moves, who owns what comes next, where it changes hands."""

from baton.doctor.answers import ATTENTION, LIVE_RULES, MISSING, Ground, Question, Said, judged


def _why(ground: Ground) -> Said:
    found = ground.row(
        "select count(*) as evaluations, count(reason) as reasoned,"
        " count(distinct reason) as kinds from {decisions}"
    )
    return judged(
        f"{found['reasoned']:,} of {found['evaluations']:,} evaluations give a reason, of "
        f"{found['kinds']} kinds, beside every check they met",
        (not found["evaluations"], MISSING, "nothing was decided yet: make a release live"),
        (found["reasoned"] < found["evaluations"], ATTENTION, "evaluations without a reason"),
    )


def _stop(ground: Ground) -> Said:
    stands = len(ground.journal.switches())
    limits = ground.count("select count(*) from {stg_release__limits}")
    found = ground.row(
        """
        with stops as (
            select scope, value, is_stopped, set_at,
                lead(set_at) over (partition by scope, value order by seq) as until_at
            from raw.journal_switches
        )
        select
            (select count(*) from stops where is_stopped) as stops,
            count(distinct e.message_id) as claimed
        from {stg_journal__message_events} as e
        inner join stops as s
            on s.is_stopped and e.state = 'claimed' and e.occurred_at > s.set_at
            and e.occurred_at < coalesce(s.until_at, timestamp '9999-12-31')
        left join {outbox} as o on e.message_id = o.message_id
        left join {identity_map} as m on o.entry_node_id = m.node_id
        where s.scope = 'global' or s.scope = 'journey' and s.value = e.journey
            or s.scope = 'action' and s.value = e.action
            or s.scope = 'channel' and s.value = e.channel
            or s.scope = 'destination' and s.value = e.destination
            or s.scope = 'brand' and s.value = o.brand
            or s.scope = 'person' and s.value = m.person_id
        """
    )
    return judged(
        f"yes, at the commit of a switch: {found['stops']:,} stops so far, {stands:,} stand; "
        f"{found['claimed']:,} messages claimed under one; {limits} limits stop by themselves",
        (found["claimed"] > 0, ATTENTION, "messages went out under a stop: `baton audit`"),
        (not limits, MISSING, "set limits in seeds/policies/limits.csv, then release them"),
    )


def _context(ground: Ground) -> Said:
    found = ground.row(
        "select count(*) as contexts, count(distinct person_id) as persons,"
        " count(summary) as told, count(summary_source) as sourced from {handoff_contexts}"
    )
    return judged(
        f"{found['contexts']:,} contexts of {found['persons']:,} persons: wish, steps, what was "
        f"told and promised, open cases, consent, reasons, next step; {found['told']:,} with a "
        f"summary, {found['sourced']:,} of these say by whom",
        (not found["contexts"], MISSING, "let a card route or escalate, and run a batch"),
        (found["sourced"] < found["told"], ATTENTION, "summaries without a source"),
    )


def _next_step(ground: Ground) -> Said:
    found = ground.row(
        "select count(*) as waiting, count(s.owner) as owned,"
        " count(case when s.respond_by < w.batch_time then 1 end) as late"
        " from {journey_states} as s cross join raw.this_window as w"
        " where s.status = 'open' and s.respond_by is not null"
    )
    opened = ground.count("select count(*) from {journey_states} where status = 'open'")
    return judged(
        f"Baton owns {opened - found['waiting']:,} open instances; {found['waiting']:,} stand with "
        f"a team, {found['owned']:,} of these with a named owner, {found['late']:,} past their "
        "service level",
        (not opened, MISSING, "nobody is in a journey: make a release live and let events arrive"),
        (found["owned"] < found["waiting"], ATTENTION, "name `owner` at the step of the card"),
        (
            found["late"] > 0,
            ATTENTION,
            "ask their owners: journeys.journey_states, `respond_by` in the past",
        ),
    )


def _where(ground: Ground) -> Said:
    found = ground.row(
        "select count(*) as steps, count(distinct r.journey) as journeys,"
        " count(coalesce(r.owner, a.owner)) as owned from (" + LIVE_RULES + ") as r"
        " inner join {stg_release__actions} as a on r.action = a.action"
        " where a.outcome in ('route', 'escalate')"
    )
    return judged(
        f"{found['steps']} steps of {found['journeys']} journeys hand over, {found['owned']} of "
        "them to a named owner within a service level",
        (not found["steps"], MISSING, "no live card routes or escalates"),
        (found["owned"] < found["steps"], ATTENTION, "ops.ops_unowned lists those of nobody"),
    )


CONDUCT = (
    Question(
        "8",
        "Why did this happen?",
        "`baton explain CUSTOMER | MESSAGE`; decisions.decision_checks",
        _why,
    ),
    Question("9", "Can it be stopped fast?", "`baton stop`; seeds/policies/limits.csv", _stop),
    Question(
        "10",
        "Which context moves?",
        "activation.handoff_contexts; docs/how-to/hand_over_with_context.md",
        _context,
    ),
    Question(
        "11",
        "Who owns the next step?",
        "journeys.journey_states: owner, respond_by",
        _next_step,
    ),
    Question(
        "12",
        "Where are the hand-offs?",
        "`baton journey show JOURNEY`; metrics.handoffs_daily",
        _where,
    ),
)
