"""How AI fits, when people take over, whom to trust, what service tells, and whether it helps."""

from baton.doctor.answers import ATTENTION, LIVE_RULES, MISSING, Ground, Question, Said, judged

_FEW = 100


def _models(ground: Ground) -> Said:
    found = ground.row(
        "select count(*) as scores, count(distinct model) as models from {propensities}"
    )
    used = ground.count(
        "select count(distinct candidate_id) from {decisions} where propensity <> 1"
    )
    by_model = ground.count(
        "select count(*) from {handoff_contexts} where summary_source like 'model%'"
    )
    return judged(
        f"as one input among others: {found['scores']:,} scores of {found['models']} models, used "
        f"for {used:,} candidates; {by_model:,} summaries by a model, named as such",
        (
            not found["scores"],
            MISSING,
            "deliver scores of a model as `scores.propensities`: docs/how-to/limit_and_rank.md",
        ),
    )


def _escalate(ground: Ground) -> Said:
    rules = ground.row(
        "select count(*) as steps, count(distinct r.journey) as journeys"
        " from (" + LIVE_RULES + ") as r inner join {stg_release__actions} as a"
        " on r.action = a.action where a.outcome = 'escalate'"
    )
    done = ground.count("select count(*) from {decisions} where outcome = 'escalate'")
    return judged(
        f"where the card says so: steps that escalate {rules['steps']}, in journeys "
        f"{rules['journeys']}; escalations so far {done:,}",
        (not rules["steps"], MISSING, "add a step whose action escalates: docs/reference/cards.md"),
    )


def _trusted(ground: Ground) -> Said:
    found = ground.rows(
        "select source, count(*) as fields from {customer_fields} group by source"
        " order by fields desc, source"
    )
    fields = ground.row(
        "select count(distinct field) as fields, count(distinct source) as sources"
        " from {stg_release__field_trust}"
    )
    unowned = ground.count("select count(*) from {ops_unowned} where kind = 'field'")
    said = ", ".join(f"{one['source']} {one['fields']:,}" for one in found)
    return judged(
        f"{fields['fields']} fields have an order of trust among {fields['sources']} sources; "
        f"values stand by {said or 'none yet'}",
        (not fields["fields"], MISSING, "say whom to trust in seeds/policies/field_trust.csv"),
        (unowned > 0, ATTENTION, "ops.ops_unowned lists fields without owner or trusted source"),
    )


def _service(ground: Ground) -> Said:
    guards = ground.count("select count(*) from {guards} where guard = 'open_case'")
    heard = ground.count("select count(*) from {signals} where signal = 'case_opened'")
    rules = ground.count(
        "select count(distinct r.journey) from (" + LIVE_RULES + ") as r"
        " where r.signal = 'case_opened'"
    )
    waited = ground.count(
        "select count(distinct candidate_id) from {decisions} where has_open_case"
    )
    return judged(
        f"that a case is open: {heard:,} cases heard, {guards:,} intervals in which sales and "
        f"marketing wait ({waited:,} candidates met one), {rules} journeys end by it",
        (not heard, MISSING, "connect the service desk: docs/how-to/add_a_source.md"),
    )


def _better(ground: Ground) -> Said:
    found = ground.rows(
        "select holdout, count(*) as people, count(case when arm = 'control' then 1 end) as kept"
        " from {exposures} where not is_contaminated group by holdout order by holdout"
    )
    goals = ground.row(
        "select count(case when status = 'goal' then 1 end) as goals, count(*) as ended"
        " from {journey_states} where status <> 'open'"
    )
    arms = ", ".join(f"{one['holdout']} {one['kept']:,} of {one['people']:,}" for one in found)
    few = [one["holdout"] for one in found if one["kept"] < _FEW]
    return judged(
        f"{goals['goals']:,} of {goals['ended']:,} ended instances reached their goal; kept back "
        f"to compare with: {arms or 'nobody'}",
        (not found, MISSING, "keep a share out: seeds/policies/holdouts.csv"),
        (
            bool(few),
            ATTENTION,
            f"fewer than {_FEW} kept back by {', '.join(few)}: wait, or keep more; then "
            "docs/how-to/measure_lift.md",
        ),
    )


JUDGEMENT = (
    Question("13", "How does AI output fit in?", "decisions.propensities", _models),
    Question(
        "14",
        "When to escalate instead of automate?",
        "`baton journey show JOURNEY`; decisions.decisions, outcome escalate",
        _escalate,
    ),
    Question(
        "15",
        "Which source is trusted?",
        "profiles.customer_fields; seeds/policies/field_trust.csv, owners.csv",
        _trusted,
    ),
    Question(
        "16",
        "What does service tell the rest?",
        "journeys.guards open_case; journeys.signals case_opened",
        _service,
    ),
    Question(
        "17",
        "Is it better, not just faster?",
        "decisions.exposures; docs/how-to/measure_lift.md",
        _better,
    ),
)
