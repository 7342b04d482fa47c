{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='suppression_id'
) }}

{#- Of each contact point or contact that this window has a sign about, the
    suppression as all of its signs make it. -#}
with receipts as (
    select
        {{ baton_id('contact_point', ['channel', 'node_id']) }}
            as contact_point_id,
        case status
            when 'bounced' then 'bounce'
            when 'complained' then 'complaint'
            else 'stop'
        end as reason,
        status <> 'started' as is_against,
        occurred_at,
        case
            when status = 'bounced'
                then coalesce(suppressed_until, {{ end_of_time() }})
            when status <> 'started' then {{ end_of_time() }}
        end as ends_at,
        loaded_seq
    from {{ ref('stg_messaging__receipts') }}
    where
        node_id is not null
        and status in ('bounced', 'complained', 'stopped', 'started')
),

{#- What tools said when a message was handed in: no such address, or that
    its owner has said STOP to them. -#}
own_signs as (
    select
        contact_point_id,
        case state when 'bounced' then 'bounce' else 'stop' end as reason,
        true as is_against,
        occurred_at,
        {{ end_of_time() }} as ends_at,
        loaded_seq
    from {{ ref('stg_journal__message_events') }}
    where
        contact_point_id is not null
        and (
            state = 'bounced'
            or (state = 'rejected' and reason = 'opted_out')
        )
),

signs as (
    select * from receipts
    union all
    select * from own_signs
),

of_points as (
    select s.*
    from signs as s
    inner join (
        select distinct
            n.contact_point_id,
            n.reason
        from signs as n
        where {{ in_window('n.loaded_seq') }}
    ) as news
        on
            s.contact_point_id = news.contact_point_id
            and s.reason = news.reason
    where s.loaded_seq <= {{ window_value('to_seq') }}
),

lifted as (
    select
        *,
        row_number() over (
            partition by contact_point_id, reason
            order by is_against desc, occurred_at, loaded_seq
        ) as position,
        max(case when is_against then occurred_at end) over (
            partition by contact_point_id, reason
        ) as last_sign_at,
        max(case when not is_against then occurred_at end) over (
            partition by contact_point_id, reason
        ) as lifted_at,
        max(ends_at) over (
            partition by contact_point_id, reason
        ) as last_end_at
    from of_points
),

{#- STOP ends with a newer START, a soft bounce with the last of its rests. -#}
points as (
    select
        contact_point_id,
        cast(null as varchar) as node_id,
        reason,
        occurred_at as since,
        case
            when coalesce(lifted_at > last_sign_at, false) then lifted_at
            else last_end_at
        end as until,
        loaded_seq
    from lifted
    where position = 1 and is_against
),

flags as (
    select
        *,
        case flag when 'is_deceased' then 'deceased' else 'legal' end as reason,
        lead(occurred_at) over (
            partition by contact_id, flag order by loaded_seq
        ) as taken_back_at,
        row_number() over (
            partition by contact_id, flag order by is_set desc, loaded_seq desc
        ) as recency
    from {{ ref('stg_crm__flags') }}
    where
        flag in ('is_deceased', 'do_not_contact')
        and loaded_seq <= {{ window_value('to_seq') }}
        and node_id in (
            select n.node_id
            from {{ ref('stg_crm__flags') }} as n
            where {{ in_window('n.loaded_seq') }}
        )
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
