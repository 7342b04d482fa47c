"""The edge cases that a journey program has to pass, as they occurred."""

from baton.doctor.answers import ATTENTION, MISSING, Ground, Question, Said, judged

_NOT_YET = "it has not occurred yet; docs/how-to/try_a_journey.md plays it through"


def _switch(ground: Ground) -> Said:
    found = ground.row(
        "select count(case when channels > 1 then 1 end) as several, count(*) as instances"
        " from (select coalesce(recovers_instance_id, instance_id) as instance_id,"
        " count(distinct channel) as channels from {outbox}"
        " group by coalesce(recovers_instance_id, instance_id))"
    )
    stands_in = ground.count(
        "select count(*) from {candidates} where fallback_of is not null"
        " and outcome in ('send', 'route', 'escalate')"
    )
    return judged(
        f"{found['several']:,} of {found['instances']:,} instances acted on several channels, "
        f"recoveries included; {stands_in:,} actions stood in for another one at once",
        (not found["several"] and not stands_in, MISSING, _NOT_YET),
    )


def _consent(ground: Ground) -> Said:
    refused = ground.count("select count(*) from {consent_statements} where not is_granted")
    stopped = ground.count(
        "select count(distinct candidate_id) from {decisions}"
        " where reason in ('no_consent', 'suppressed') and not is_before_activation"
    )
    late = len({one["message_id"] for one in ground.journal.sent_before_optout()})
    return judged(
        f"{refused:,} refusals on record; {stopped:,} candidates were suppressed; {late:,} "
        "messages were on their way when an opt-out came",
        (late > 0, ATTENTION, "`baton outbox list --sent-before-optout` has both times"),
        (not refused and not stopped, MISSING, _NOT_YET),
    )


def _bot_to_agent(ground: Ground) -> Said:
    found = ground.row(
        "select cast(coalesce(sum(handed), 0) as bigint) as handed,"
        " cast(coalesce(sum(accepted), 0) as bigint) as accepted,"
        " cast(coalesce(sum(in_time), 0) as bigint) as in_time,"
        " cast(coalesce(sum(measured), 0) as bigint) as measured,"
        " cast(coalesce(sum(question_repeated), 0) as bigint) as repeated"
        " from {handoffs_daily} where kind = 'bot_to_agent'"
    )
    return judged(
        f"{found['handed']:,} handed from bot to agent, {found['accepted']:,} taken, "
        f"{found['in_time']:,} of {found['measured']:,} in time, {found['repeated']:,} asked the "
        "same again",
        (not found["handed"], MISSING, _NOT_YET),
        (
            found["in_time"] < found["measured"] or found["repeated"] > 0,
            ATTENTION,
            "metrics.handoffs_daily says which journey; look at `within`, and who is on duty",
        ),
    )


def _recovery(ground: Ground) -> Said:
    failed = ground.count(
        "select count(distinct message_id) from {stg_journal__message_events}"
        " where state in ('bounced', 'dead', 'rejected')"
    )
    recovered = ground.row(
        "select count(*) as tried, count(case when outcome in ('send', 'route', 'escalate')"
        " then 1 end) as sent from {candidates} where recovers_instance_id is not null"
    )
    return judged(
        f"{failed:,} messages could not be delivered; {recovered['tried']:,} recoveries, "
        f"{recovered['sent']:,} of which reached out another way",
        (not failed, MISSING, _NOT_YET),
        (
            not recovered["tried"],
            ATTENTION,
            "no journey recovers them: docs/journeys/delivery_recovery.md",
        ),
    )


EDGES = (
    Question(
        "E1",
        "Channel switch in the middle of a journey",
        "activation.outbox by instance_id, recovers_instance_id",
        _switch,
    ),
    Question(
        "E2",
        "Consent that changes",
        "consent.consent_statements; `baton outbox list --sent-before-optout`",
        _consent,
    ),
    Question("E3", "Hand-off from bot to agent", "metrics.handoffs_daily", _bot_to_agent),
    Question(
        "E4",
        "Failed delivery and recovery",
        "metrics.message_outcomes; decisions.candidates: recovers_instance_id",
        _recovery,
    ),
)
