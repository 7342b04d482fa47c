with written as (
    select
        c.journey,
        {{ unnested_json(
            json_text('c.governance', 'needs'),
            '[{"kind": "VARCHAR", "name": "VARCHAR", "fresh_within_s": "BIGINT"}]'
        ) }} as need
    from {{ source('control', 'release_cards') }} as c
    inner join {{ ref('stg_release__live') }} as l
        on c.release_id = l.release_id
)

select
    journey,
    need.kind,
    need.name,
    need.fresh_within_s
from written
