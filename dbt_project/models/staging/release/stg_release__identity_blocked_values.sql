with moments as (
    select
        moment_seq,
        max(case when is_live then standing_release_id end) as release_id
    from {{ ref('stg_release__moments') }}
    group by moment_seq
),

before as (
    select
        lag(release_id) over (order by moment_seq) as release_id,
        row_number() over (order by moment_seq desc) as recency
    from moments
),

listed as (
    select
        p.release_id,
        {%- for column in ['node_type', 'kind', 'value', 'reason'] %}
        nullif({{ json_text('p.row', column) }}, '') as {{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ source('control', 'release_policies') }} as p
    where p.policy = 'identity_blocked_values'
),

earlier as (
    select distinct
        l.node_type,
        l.kind,
        l.value
    from listed as l
    inner join before as b
        on l.release_id = b.release_id
    where b.recency = 1
)

select
    l.node_type,
    l.kind,
    l.value,
    l.reason,
    e.value is null as is_new,
    l.release_id
from listed as l
inner join {{ ref('stg_release__live') }} as live
    on l.release_id = live.release_id
left join earlier as e
    on
        l.kind = e.kind
        and l.value = e.value
        and l.node_type is not distinct from e.node_type
