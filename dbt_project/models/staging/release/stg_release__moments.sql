{#- What was standing after each window that learnt of an activation or a
    withdrawal. A withdrawal takes back all earlier activations of its release;
    what one window learns counts together. -#}
with entries as (
    select * from {{ ref('stg_release__activations') }}
),

instants as (
    select
        loaded_at as known_at,
        max(seq) as moment_seq
    from entries
    group by loaded_at
),

activations as (
    select
        a.seq,
        a.release_id,
        a.loaded_at,
        min(w.seq) as withdrawn_seq
    from entries as a
    left join entries as w
        on a.release_id = w.release_id and w.kind = 'withdraw' and a.seq < w.seq
    where a.kind = 'activate'
    group by a.seq, a.release_id, a.loaded_at
),

standing as (
    select
        m.moment_seq,
        m.known_at,
        a.seq as standing_seq,
        a.release_id as standing_release_id,
        a.loaded_at as standing_since
    from instants as m
    left join activations as a
        on
            m.moment_seq >= a.seq
            and (a.withdrawn_seq is null or m.moment_seq < a.withdrawn_seq)
)

select
    moment_seq,
    known_at,
    standing_seq,
    standing_release_id,
    standing_since,
    standing_seq is not null
    and standing_seq = max(standing_seq) over (
        partition by moment_seq
    ) as is_live
from standing
