{{ config(materialized='table') }}

{#- The persons that this window changed; in a full build everyone. The scope
    travels with the rows, so that a model rebuilt alone can refuse. -#}
{% set everyone = (
    execute and previous_relation('int_profiles__customers') is none
) %}

with identity_map as (
    select * from {{ ref('identity_map') }}
),

{% if not everyone %}
touched_nodes as (
    select o.node_id
    from {{ ref('observations') }} as o
    where
        {{ in_this_window('o.loaded_seq') }}
        or o.record_id in (
            select n.record_id
            from {{ ref('observations') }} as n
            where {{ in_this_window('n.loaded_seq') }}
        )
    union
    select e.node_id
    from {{ ref('stg_journal__message_events') }} as e
    where {{ in_this_window('e.loaded_seq') }}
    union
    select r.node_id
    from {{ ref('stg_messaging__receipts') }} as r
    where {{ in_this_window('r.loaded_seq') }} and r.node_id is not null
    union
    select s.node_id
    from {{ ref('stg_journal__statements') }} as s
    where {{ in_this_window('s.loaded_seq') }}
    union
    select m.node_id
    from identity_map as m
    where m.changed_window_id = {{ window_id() }}
),
{% endif %}

activated as (
    select count(*) as activations
    from {{ ref('stg_release__profile_rules') }}
    where known_at = {{ batch_time() }} and is_changed
)

select distinct
    m.person_id,
    '{{ "all" if everyone else "window" }}' as scope
from identity_map as m
{% if not everyone %}
where
    m.node_id in (select t.node_id from touched_nodes as t)
    or (select a.activations from activated as a) > 0
union
select
    c.from_person_id as person_id,
    'window' as scope
from {{ ref('identity_changes') }} as c
where c.window_id = {{ window_id() }}
{% endif %}
