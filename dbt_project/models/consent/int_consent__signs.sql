{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='sign_id'
) }}

{#- The few rows of long histories that say whom not to contact, or whom one may: each is
    looked at in the window that brings it, and never again. -#}
with receipts as (
    select
        case status
            when 'bounced' then 'bounce'
            when 'complained' then 'complaint'
            else 'stop'
        end as sign,
        {{ baton_id('contact_point', ['channel', 'node_id']) }}
            as contact_point_id,
        cast(null as varchar) as node_id,
        status <> 'started' as is_set,
        cast(null as varchar) as statement_id,
        occurred_at,
        case
            when status = 'bounced'
                then coalesce(suppressed_until, {{ end_of_time() }})
            when status <> 'started' then {{ end_of_time() }}
        end as ends_at,
        loaded_at,
        loaded_seq
    from {{ ref('stg_messaging__receipts') }}
    where
        node_id is not null
        and status in ('bounced', 'complained', 'stopped', 'started')
        and {{ in_window() }}
),

{#- What tools said when a message was handed in: no such address, or that
    its owner has said STOP to them. -#}
own_signs as (
    select
        case state when 'bounced' then 'bounce' else 'stop' end as sign,
        contact_point_id,
        cast(null as varchar) as node_id,
        true as is_set,
        cast(null as varchar) as statement_id,
        occurred_at,
        {{ end_of_time() }} as ends_at,
        loaded_at,
        loaded_seq
    from {{ ref('stg_journal__message_events') }}
    where
        contact_point_id is not null
        and (
            state = 'bounced'
            or (state = 'rejected' and reason = 'opted_out')
        )
        and {{ in_window() }}
),

changes as (
    {{ changed_flags(
        in_window(), known=this if is_incremental() else none
    ) | indent(4) }}
),

flags as (
    select
        flag as sign,
        cast(null as varchar) as contact_point_id,
        node_id,
        is_set,
        statement_id,
        occurred_at,
        cast(null as timestamp) as ends_at,
        loaded_at,
        loaded_seq
    from changes
),

orders as (
    select
        node_id,
        {{ short_id('node_id') }} as node_short,
        occurred_at,
        loaded_at,
        loaded_seq,
        row_number() over (
            partition by node_id order by loaded_seq
        ) as position
    from {{ ref('stg_shop__orders') }}
    where node_id is not null and {{ in_window() }}
),

first_orders as (
    select
        'has_bought' as sign,
        cast(null as varchar) as contact_point_id,
        o.node_id,
        true as is_set,
        cast(null as varchar) as statement_id,
        o.occurred_at,
        cast(null as timestamp) as ends_at,
        o.loaded_at,
        o.loaded_seq
    from orders as o
    {% if is_incremental() %}
    left join (
        select distinct t.subject_short
        from {{ this }} as t
        where
            t.sign = 'has_bought'
            and t.loaded_seq <= {{ window_value('from_seq') }}
            and t.subject_short in (select n.node_short from orders as n)
    ) as known
        on o.node_short = known.subject_short
    {% endif %}
    where
        o.position = 1
        {% if is_incremental() %}
        and known.subject_short is null
        {% endif %}
),

signs as (
    select * from receipts
    union all
    select * from own_signs
    union all
    select * from flags
    union all
    select * from first_orders
)

select
    {{ baton_id('sign', ['sign', 'loaded_seq']) }} as sign_id,
    sign,
    contact_point_id,
    node_id,
    {{ short_id('coalesce(contact_point_id, node_id)') }} as subject_short,
    is_set,
    statement_id,
    occurred_at,
    ends_at,
    loaded_at,
    loaded_seq
from signs
