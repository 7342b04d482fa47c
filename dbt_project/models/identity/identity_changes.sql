{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false
) }}

with merged as (
    select distinct
        prior_person_id as from_person_id,
        person_id as to_person_id,
        changed_window_id as window_id
    from {{ ref('identity_map') }}
    where
        prior_person_id <> person_id
        and changed_window_id = {{ window_id() }}
),

erased as (
    select
        subject_id as from_person_id,
        min(erased_at) as erased_at
    from {{ ref('stg_journal__erasures') }}
    where kind = 'person' and {{ in_this_window() }}
    group by subject_id
),

named as (
    select
        {{ baton_id('identity_change', [
            "'merge'", 'from_person_id', 'to_person_id', 'window_id'
        ]) }} as change_id,
        'merge' as kind,
        from_person_id,
        to_person_id,
        window_id,
        {{ batch_time() }} as changed_at
    from merged
    union all
    select
        {{ baton_id('identity_change', [
            "'erase'", 'from_person_id', 'erased_at'
        ]) }} as change_id,
        'erase' as kind,
        from_person_id,
        cast(null as varchar) as to_person_id,
        {{ window_id() }} as window_id,
        erased_at as changed_at
    from erased
)

select n.*
from named as n
{% if is_incremental() %}
left join {{ this }} as known
    on n.change_id = known.change_id
where known.change_id is null
{% endif %}
