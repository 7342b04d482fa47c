{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    tags=['fold']
) }}

{#- Instances that were there in the batch before and are no more. Merged: two
    persons had one each, of the same journey and key, and are one person now. -#}
with entered as (
    select
        instance_id,
        is_current,
        person_id,
        prior_person_id,
        journey,
        correlation_key,
        entry_node_id,
        entry_node_short,
        entry_event_id,
        entered_at
    from {{ ref('int_journeys__steps') }}
    where step_no = 1 and computed_window_id = {{ window_id() }}
),

gone as (
    select g.*
    from entered as g
    left join (
        select instance_id
        from entered
        where is_current
    ) as s
        on g.instance_id = s.instance_id
    where not g.is_current and s.instance_id is null
),

others as (
    select
        g.instance_id,
        g.entered_at,
        o.instance_id as into_instance_id,
        o.entered_at as into_entered_at,
        o.entry_event_id as into_event_id,
        o.entered_at < g.entered_at
        or (
            o.entered_at = g.entered_at
            and o.entry_event_id <= g.entry_event_id
        ) as is_earlier
    from gone as g
    inner join {{ identifiers(
        'node_short', 'gone', 'entry_node_short', few=is_incremental()
    ) }} as m
        on g.entry_node_short = m.node_short
    inner join entered as o
        on
            m.person_id = o.person_id
            and g.journey = o.journey
            and g.correlation_key is not distinct from o.correlation_key
    where o.is_current and o.prior_person_id <> g.person_id
),

nearest as (
    select
        instance_id,
        into_instance_id,
        row_number() over (
            partition by instance_id
            order by
                case when is_earlier then 0 else 1 end,
                greatest(into_entered_at, entered_at)
                - least(into_entered_at, entered_at),
                case when is_earlier then into_event_id end desc,
                into_event_id
        ) as nearness
    from others
),

noted as (
    select
        g.instance_id,
        case when o.instance_id is null then 'refolded' else 'merged_into' end
            as change,
        o.into_instance_id,
        g.journey,
        g.correlation_key,
        g.entry_node_id,
        {{ window_id() }} as window_id,
        {{ batch_time() }} as noted_at
    from gone as g
    left join nearest as o
        on g.instance_id = o.instance_id and o.nearness = 1
)

select n.*
from noted as n
{% if is_incremental() %}
left join (
    select t.instance_id
    from {{ this }} as t
    where t.window_id = {{ window_id() }}
) as known
    on n.instance_id = known.instance_id
where known.instance_id is null
{% endif %}
