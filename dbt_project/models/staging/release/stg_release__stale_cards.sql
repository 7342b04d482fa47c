{#- A view of its own: it goes by the clock, while cards follow from releases alone and are read
    once for many batches (baton/at_hand.py). -#}
select distinct r.card_hash
from {{ ref('stg_release__rules') }} as r
inner join {{ ref('stg_release__freshness') }} as f
    on
        r.signal = f.signal
        or r.signal in ('enters ' || f.guard, 'leaves ' || f.guard)
where f.is_broken
