{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='suppression_id'
) }}

{#- Of each contact point or contact that this window has a sign about, the
    suppression as all of its signs make it. -#}
with news as (
    select distinct
        subject_short,
        sign
    from {{ ref('int_consent__signs') }}
    where sign not in ('has_bought') and {{ in_window() }}
),

signs as (
    select s.*
    from {{ ref('int_consent__signs') }} as s
    inner join news as n
        on s.subject_short = n.subject_short and s.sign = n.sign
    where s.loaded_seq <= {{ window_value('to_seq') }}
),

lifted as (
    select
        *,
        row_number() over (
            partition by contact_point_id, sign
            order by is_set desc, occurred_at, loaded_seq
        ) as position,
        max(case when is_set then occurred_at end) over (
            partition by contact_point_id, sign
        ) as last_sign_at,
        max(case when not is_set then occurred_at end) over (
            partition by contact_point_id, sign
        ) as lifted_at,
        max(ends_at) over (
            partition by contact_point_id, sign
        ) as last_end_at
    from signs
    where contact_point_id is not null
),

{#- STOP ends with a newer START, a soft bounce with the last of its rests. -#}
points as (
    select
        contact_point_id,
        cast(null as varchar) as node_id,
        sign as reason,
        occurred_at as since,
        case
            when coalesce(lifted_at > last_sign_at, false) then lifted_at
            else last_end_at
        end as until,
        loaded_seq
    from lifted
    where position = 1 and is_set
),

flags as (
    select
        *,
        case sign when 'is_deceased' then 'deceased' else 'legal' end as reason,
        lead(occurred_at) over (
            partition by node_id, sign order by loaded_seq
        ) as taken_back_at,
        row_number() over (
            partition by node_id, sign order by is_set desc, loaded_seq desc
        ) as recency
    from signs
    where sign in ('is_deceased', 'do_not_contact')
),

persons as (
    select
        cast(null as varchar) as contact_point_id,
        node_id,
        reason,
        occurred_at as since,
        case
            when taken_back_at is null then {{ end_of_time() }}
            else greatest(taken_back_at, occurred_at)
        end as until,
        loaded_seq
    from flags
    where recency = 1 and is_set
),

{#- Of an erased identifier, until something new is known by it. -#}
erased as (
    select
        e.subject_id as node_id,
        e.erased_at,
        e.loaded_seq,
        n.first_observed_at as returned_at,
        row_number() over (
            partition by e.subject_id order by e.seq desc
        ) as recency
    from {{ ref('stg_journal__erasures') }} as e
    left join {{ ref('nodes') }} as n
        on e.subject_id = n.node_id
    where
        e.kind = 'node'
        and e.loaded_seq <= {{ window_value('to_seq') }}
        and (
            {{ in_window('e.loaded_seq') }}
            or {{ in_window('n.first_loaded_seq') }}
        )
),

erasures as (
    select
        cast(null as varchar) as contact_point_id,
        node_id,
        'erased' as reason,
        erased_at as since,
        coalesce(returned_at, {{ end_of_time() }}) as until,
        loaded_seq
    from erased
    where recency = 1
),

standing as (
    select * from points
    union all
    select * from persons
    union all
    select * from erasures
)

select
    {{ baton_id('suppression', ['contact_point_id', 'node_id', 'reason']) }}
        as suppression_id,
    case
        when contact_point_id is null then 'person' else 'contact_point'
    end as scope,
    contact_point_id,
    node_id,
    reason,
    since,
    until,
    loaded_seq
from standing
