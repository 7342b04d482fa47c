with quiet_hours as (
    {{ policy_rows('quiet_hours', {
        'channel': 'varchar', 'class': 'varchar', 'days': 'varchar',
        'from_time': 'varchar', 'until_time': 'varchar'
    }) | indent(4) }}
)

select
    channel,
    class,
    days,
    {{ seconds_of_day('from_time') }} as from_s,
    {{ seconds_of_day('until_time') }} as until_s
from quiet_hours
