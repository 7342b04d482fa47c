{#- What the log of activations made of the rules, entry by entry: a withdrawal
    takes back all earlier activations of its release. -#}
with entries as (
    select * from {{ ref('stg_release__activations') }}
),

activations as (
    select
        a.seq,
        a.release_id,
        min(w.seq) as withdrawn_seq
    from entries as a
    left join entries as w
        on a.release_id = w.release_id and w.kind = 'withdraw' and a.seq < w.seq
    where a.kind = 'activate'
    group by a.seq, a.release_id
),

standing as (
    select
        m.seq as moment_seq,
        m.kind,
        m.release_id,
        m.loaded_at as known_at,
        a.seq as standing_seq,
        a.release_id as standing_release_id
    from entries as m
    left join activations as a
        on
            m.seq >= a.seq
            and (a.withdrawn_seq is null or m.seq < a.withdrawn_seq)
)

select
    moment_seq,
    kind,
    release_id,
    known_at,
    standing_seq,
    standing_release_id,
    standing_seq is not null
    and standing_seq = max(standing_seq) over (
        partition by moment_seq
    ) as is_live
from standing
