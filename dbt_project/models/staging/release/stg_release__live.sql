with activations as (
    select * from {{ ref('stg_release__activations') }}
),

standing as (
    select
        a.seq,
        a.release_id,
        a.active_from
    from activations as a
    left join activations as w
        on a.release_id = w.release_id and w.kind = 'withdraw' and a.seq < w.seq
    where a.kind = 'activate' and w.seq is null
)

select
    seq,
    release_id,
    active_from
from standing
where seq = (select max(s.seq) from standing as s)
