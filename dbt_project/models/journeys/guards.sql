{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='guard_interval_id',
    meta={'baton': {'lies_by': 'node_short'}}
) }}

with held as (
    {{ union_guards([
        'open_case', 'high_value', 'recent_buyer', 'renewal_due'
    ]) | indent(4) }}
),

arrived as (
    select
        {{ baton_id('guard', ['guard', 'subject_key']) }}
            as guard_interval_id,
        *
    from held
    where {{ in_window() }}
),

versions as (
    select * from arrived
    {% if is_incremental() %}
    union all
    select
        t.guard_interval_id,
        t.guard,
        t.subject_key,
        t.node_id,
        t.since,
        t.until,
        t.observed_at,
        t.loaded_at,
        t.loaded_seq
    from {{ this }} as t
    where
        t.guard_interval_id in (
            select a.guard_interval_id from arrived as a
        )
    {% endif %}
),

latest as (
    select
        *,
        row_number() over (
            partition by guard_interval_id
            order by observed_at desc, loaded_seq desc
        ) as recency
    from versions
)

select
    guard_interval_id,
    guard,
    subject_key,
    node_id,
    {{ short_id('node_id') }} as node_short,
    since,
    until,
    observed_at,
    loaded_at,
    loaded_seq
from latest
where recency = 1
{%- if not is_incremental() %}
order by node_short
{%- endif %}
