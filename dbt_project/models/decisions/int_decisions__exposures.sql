{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false
) }}

{#- Of what this window decided, that which went out, or would have but for one
    holdout: in each holdout that covers it and whose arm alone made the difference. -#}
with exposing as (
    select
        evaluation_id,
        candidate_id,
        entry_node_id,
        {{ short_id('entry_node_id') }} as node_short,
        journey,
        action,
        class,
        rank,
        is_held_out,
        case when not is_held_out then message_id end as message_id,
        coalesce(counterfactual_outcome, outcome) as outcome
    from {{ ref('decisions') }}
    where
        window_id = {{ window_id() }}
        and class <> 'transactional'
        and (reason = 'holdout' or not is_held_out)
        and coalesce(counterfactual_outcome, outcome)
        in ('send', 'route', 'escalate')
),

owners as (
    select
        m.node_short,
        m.person_id,
        m.person_short
    from {{ identifiers('node_short', 'exposing', few=is_incremental()) }} as m
),

nodes as (
    select
        m.node_id,
        m.person_id
    from {{ identifiers('person_short', 'owners', few=is_incremental()) }} as m
),

{{ arms() }},

kinds as (
    select distinct
        journey,
        class
    from exposing
),

covering as (
    select distinct
        k.journey,
        k.class,
        h.holdout
    from kinds as k
    inner join {{ ref('stg_release__holdouts') }} as h
        on
            coalesce(h.journey, k.journey) = k.journey
            and coalesce(h.class, k.class) = k.class
),

covered as (
    select
        x.*,
        c.holdout,
        a.arm
    from exposing as x
    inner join owners as o
        on x.node_short = o.node_short
    inner join covering as c
        on x.journey = c.journey and x.class = c.class
    inner join arms as a
        on
            o.person_id = a.person_id
            and c.holdout = a.holdout
            and a.position = 1
),

counted as (
    select
        *,
        count(case when arm = 'control' then 1 end) over (
            partition by evaluation_id
        ) as controls
    from covered
),

exposures as (
    select
        *,
        row_number() over (
            partition by holdout, entry_node_id, arm
            order by rank desc, candidate_id
        ) as position
    from counted
    where controls = case when arm = 'control' then 1 else 0 end
)

select
    {{ baton_id('exposure', ['e.holdout', 'e.entry_node_id', 'e.arm']) }}
        as exposure_id,
    e.holdout,
    e.entry_node_id as node_id,
    e.node_short,
    e.arm,
    e.is_held_out as is_counterfactual,
    e.outcome,
    e.journey,
    e.action,
    e.rank,
    e.candidate_id,
    e.evaluation_id,
    e.message_id,
    {{ batch_time() }} as exposed_at,
    {{ window_id() }} as window_id
from exposures as e
{% if is_incremental() %}
left join (
    select
        t.holdout,
        t.node_short,
        t.arm
    from {{ this }} as t
    where t.node_short in {{ few_of('exposing', 'node_short') }}
) as known
    on
        e.holdout = known.holdout
        and e.node_short = known.node_short
        and e.arm = known.arm
{% endif %}
where
    e.position = 1
    {% if is_incremental() %}
    and known.node_short is null
    {% endif %}
