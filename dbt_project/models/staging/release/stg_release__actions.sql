with actions as (
    {{ policy_rows('actions', {
        'action': 'varchar', 'outcome': 'varchar', 'channel': 'varchar',
        'destination': 'varchar', 'class': 'varchar', 'template': 'varchar',
        'value': 'double', 'ttl': 'varchar', 'conflict_group': 'varchar',
        'priority': 'integer', 'fallback': 'varchar', 'owner': 'varchar'
    }) | indent(4) }}
)

select
    action,
    outcome,
    channel,
    destination,
    class,
    template,
    value,
    cast(ttl as interval) as time_to_live,
    conflict_group,
    priority,
    fallback,
    owner,
    release_id
from actions
