with erasures as (
    select
        seq,
        erasure_id,
        erased_at,
        node_ids,
        person_ids,
        _loaded_at as loaded_at,
        _loaded_seq as loaded_seq
    from {{ source('journal', 'erasures') }}
),

named as (
    select
        seq,
        erasure_id,
        erased_at,
        loaded_at,
        loaded_seq,
        'node' as kind,
        {{ unnested_json('node_ids', '["VARCHAR"]') }} as subject_id
    from erasures
    union all
    select
        seq,
        erasure_id,
        erased_at,
        loaded_at,
        loaded_seq,
        'person' as kind,
        {{ unnested_json('person_ids', '["VARCHAR"]') }} as subject_id
    from erasures
)

select
    seq,
    erasure_id,
    kind,
    subject_id,
    erased_at,
    loaded_at,
    loaded_seq
from named
