with slots as (
    {{ policy_rows('slots', {
        'scope': 'varchar', 'name': 'varchar', 'length': 'varchar'
    }) | indent(4) }}
)

select
    scope,
    name,
    cast(length as interval) as length
from slots
