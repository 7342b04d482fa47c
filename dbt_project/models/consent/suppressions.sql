{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='suppression_id'
) }}

with receipts as (
    select
        {{ baton_id('contact_point', ['channel', 'node_id']) }}
            as contact_point_id,
        cast(null as varchar) as node_id,
        case status
            when 'bounced' then 'bounce'
            when 'complained' then 'complaint'
            when 'stopped' then 'stop'
        end as reason,
        occurred_at as since,
        {{ end_of_time() }} as until,
        loaded_seq
    from {{ ref('stg_messaging__receipts') }}
    where
        {{ in_window() }}
        and node_id is not null
        and status in ('bounced', 'complained', 'stopped')
),

own_bounces as (
    select
        contact_point_id,
        cast(null as varchar) as node_id,
        'bounce' as reason,
        occurred_at as since,
        {{ end_of_time() }} as until,
        loaded_seq
    from {{ ref('stg_journal__message_events') }}
    where
        {{ in_window() }}
        and state = 'bounced'
        and contact_point_id is not null
),

persons as (
    select
        cast(null as varchar) as contact_point_id,
        node_id,
        case when is_deceased then 'deceased' else 'legal' end as reason,
        occurred_at as since,
        {{ end_of_time() }} as until,
        loaded_seq
    from {{ ref('stg_crm__contacts') }}
    where {{ in_window() }} and (is_deceased or do_not_contact)
),

arrived as (
    select * from receipts
    union all
    select * from own_bounces
    union all
    select * from persons
),

named as (
    select
        {{ baton_id('suppression', ['contact_point_id', 'node_id', 'reason']) }}
            as suppression_id,
        *
    from arrived
),

versions as (
    select * from named
    {% if is_incremental() %}
    union all
    select
        t.suppression_id,
        t.contact_point_id,
        t.node_id,
        t.reason,
        t.since,
        t.until,
        t.loaded_seq
    from {{ this }} as t
    where t.suppression_id in (select n.suppression_id from named as n)
    {% endif %}
),

earliest as (
    select
        *,
        row_number() over (
            partition by suppression_id order by since, loaded_seq
        ) as position
    from versions
)

select
    suppression_id,
    case
        when contact_point_id is null then 'person' else 'contact_point'
    end as scope,
    contact_point_id,
    node_id,
    reason,
    since,
    until,
    loaded_seq
from earliest
where position = 1
