{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='node_seq'
) }}

{#- A release is asked about all identifiers by the values that the one before
    has not, and about those that are blocked. -#}
with blocked as {{ kept() }} (
    select
        kind,
        lower(value) as value,
        node_type,
        reason,
        is_new
    from {{ ref('stg_release__identity_blocked_values') }}
),

changed as (
    select distinct is_changed
    from {{ ref('stg_release__link_rules') }}
    where known_at = {{ batch_time() }} and is_changed
),

{% if is_incremental() %}
added as {{ kept() }} (
    select
        b.kind,
        b.value,
        b.node_type
    from blocked as b
    cross join changed
    where b.is_new
),

{#- Of a type first: to put all values into lower case costs more than the rest. -#}
of_type as {{ kept() }} (
    select
        n.node_seq,
        n.node_value
    from {{ ref('nodes') }} as n
    where
        n.node_type in (
            select a.node_type from added as a
            where a.kind = 'exact'
        )
),

asked as {{ kept() }} (
    select t.node_seq
    from {{ this }} as t
    cross join changed
    where t.is_blocked
    union
    select o.node_seq
    from of_type as o
    where
        lower(o.node_value) in (
            select a.value from added as a
            where a.kind = 'exact' and a.node_type is not null
        )
    union
    select n.node_seq
    from {{ ref('nodes') }} as n
    where
        lower(n.node_value) in (
            select a.value from added as a
            where a.kind = 'exact' and a.node_type is null
        )
    union
    select n.node_seq
    from {{ ref('nodes') }} as n
    inner join added as a
        on lower(n.node_value) like a.value
    where a.kind = 'pattern'
),
{% endif %}

judged as (
    select
        node_seq,
        node_type,
        lower(node_value) as value
    from {{ ref('nodes') }}
    where {{ in_window('first_loaded_seq') }}
    {%- if is_incremental() %}
    union
    select
        n.node_seq,
        n.node_type,
        lower(n.node_value) as value
    from {{ ref('nodes') }} as n
    where n.node_seq in {{ few_of('asked', 'node_seq') }}
    {%- endif %}
),

matched as (
    select
        j.node_seq,
        b.reason
    from judged as j
    inner join blocked as b
        on j.value = b.value
    where
        b.kind = 'exact'
        and (b.node_type is null or j.node_type = b.node_type)
    union all
    select
        j.node_seq,
        b.reason
    from judged as j
    inner join blocked as b
        on j.value like b.value
    where
        b.kind = 'pattern'
        and (b.node_type is null or j.node_type = b.node_type)
),

found as (
    select
        node_seq,
        min(reason) as reason
    from matched
    group by node_seq
),

{#- What was blocked before; nothing in a full build. -#}
standing as (
    {%- if is_incremental() %}
    select
        t.node_seq,
        t.reason
    from {{ this }} as t
    where t.is_blocked
    {%- else %}
    select
        node_seq,
        reason
    from found
    where false
    {%- endif %}
)

select
    f.node_seq,
    true as is_blocked,
    f.reason,
    {{ window_id() }} as changed_window_id
from found as f
left join standing as s
    on f.node_seq = s.node_seq
where s.node_seq is null or f.reason is distinct from s.reason
union all
select
    s.node_seq,
    false as is_blocked,
    s.reason,
    {{ window_id() }} as changed_window_id
from standing as s
cross join changed
left join found as f
    on s.node_seq = f.node_seq
where f.node_seq is null
