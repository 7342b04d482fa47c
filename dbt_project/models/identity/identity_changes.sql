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
)

select n.*
from named as n
{% if is_incremental() %}
left join {{ this }} as known
    on n.change_id = known.change_id
where known.change_id is null
{% endif %}
