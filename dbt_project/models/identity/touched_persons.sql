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
{#- Whom the window's records show, or showed in an earlier version. -#}
shown as (
    select o.node_seq
    from {{ ref('observations') }} as o
    where
        o.record_short in (
            select n.record_short
            from {{ ref('observations') }} as n
            where {{ in_this_window('n.loaded_seq') }}
        )
),

touched_nodes as (
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
    or m.node_seq in (select s.node_seq from shown as s)
    or m.changed_window_id = {{ window_id() }}
    or (select a.activations from activated as a) > 0
union
select
    c.from_person_id as person_id,
    'window' as scope
from {{ ref('identity_changes') }} as c
where c.window_id = {{ window_id() }}
{% endif %}
