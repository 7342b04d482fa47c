{{ config(materialized='table') }}

{#- The persons that this window changed; in a full build everyone. The scope
    travels with the rows, so that a model rebuilt alone can refuse. -#}
{% set everyone = (
    execute and previous_relation('int_profiles__customers') is none
) %}

{% if not everyone %}
{#- Whom the window's records show, or showed in an earlier version. -#}
with arrived as (
    select
        record_short,
        node_seq,
        source_model
    from {{ ref('observations') }}
    where {{ in_this_window('loaded_seq') }}
),

versions as (
    select record_short
    from arrived
    where source_model not in {{ loaded_once() }}
),

shown as (
    select node_seq from arrived
    union all
    select o.node_seq
    from {{ ref('observations') }} as o
    where o.record_short in {{ few_of('versions', 'record_short') }}
),

told as (
    select {{ short_id('e.node_id') }} as node_short
    from {{ ref('stg_journal__message_events') }} as e
    where {{ in_this_window('e.loaded_seq') }}
    union
    select {{ short_id('r.node_id') }} as node_short
    from {{ ref('stg_messaging__receipts') }} as r
    where {{ in_this_window('r.loaded_seq') }} and r.node_id is not null
    union
    select {{ short_id('s.node_id') }} as node_short
    from {{ ref('stg_journal__statements') }} as s
    where {{ in_this_window('s.loaded_seq') }}
),

activated as (
    select distinct is_changed
    from {{ ref('stg_release__profile_rules') }}
    where known_at = {{ batch_time() }} and is_changed
),

found as {{ kept() }} (
    select {{ row_place('m', 'node_seq') }} as place
    from {{ ref('identity_map') }} as m
    where m.node_seq in {{ few_of('shown', 'node_seq') }}
    union
    select {{ row_place('m', 'node_seq') }} as place
    from {{ ref('identity_map') }} as m
    where m.node_short in {{ few_of('told', 'node_short') }}
    union
    select {{ row_place('m', 'node_seq') }} as place
    from {{ ref('identity_map') }} as m
    where m.changed_window_id = {{ window_id() }}
    union
    select {{ row_place('m', 'node_seq') }} as place
    from {{ ref('identity_map') }} as m
    inner join activated as a
        on a.is_changed = (m.node_seq is not null)
)

select distinct
    m.person_id,
    'window' as scope
from {{ ref('identity_map') }} as m
where {{ row_place('m', 'node_seq') }} in (select f.place from found as f)
union
select
    c.from_person_id as person_id,
    'window' as scope
from {{ ref('identity_changes') }} as c
where c.window_id = {{ window_id() }}
{% else %}
select distinct
    person_id,
    'all' as scope
from {{ ref('identity_map') }}
{% endif %}
