with listed as (
    select
        node_type,
        {{ unnested_words('cardinality_to', ';') }} as said
    from {{ ref('stg_release__identity_rules') }}
    where cardinality_to is not null
),

parted as (
    select
        node_type,
        trim({{ word_of('said', ':', 1) }}) as to_type,
        cast(trim({{ word_of('said', ':', 2) }}) as bigint) as most
    from listed
)

select
    *,
    {{ type_key('node_type') }} as type_key,
    {{ type_key('to_type') }} as to_type_key
from parted
