with outcomes as (
    select
        seq,
        request_id,
        run_id,
        sync,
        destination,
        op,
        occurred_at,
        _loaded_at as loaded_at,
        _loaded_seq as loaded_seq,
        {{ unnested_json(
            'outcomes',
            '[{"outcome": "VARCHAR", "reason": "VARCHAR",'
            ~ ' "row_keys": ["VARCHAR"], "external_ids": ["VARCHAR"]}]'
        ) }} as part
    from {{ source('journal', 'sync_outcomes') }}
)

select
    seq,
    request_id,
    run_id,
    sync,
    destination,
    op,
    occurred_at,
    loaded_at,
    loaded_seq,
    part.outcome,
    part.reason,
    unnest(part.row_keys) as row_key,
    unnest(part.external_ids) as external_id
from outcomes
