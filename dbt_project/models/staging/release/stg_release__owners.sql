with owners as (
    {{ policy_rows('owners', {
        'kind': 'varchar', 'name': 'varchar', 'owner': 'varchar',
        'review_every': 'varchar'
    }) | indent(4) }}
)

select
    kind,
    name,
    owner,
    {{ seconds_between(
        "timestamp '2000-01-01'",
        "(timestamp '2000-01-01' + cast(review_every as interval))"
    ) }} as review_every_s
from owners
