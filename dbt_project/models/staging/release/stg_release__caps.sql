with caps as (
    {{ policy_rows('caps', {
        'cap': 'varchar', 'channel': 'varchar', 'class': 'varchar',
        'journey': 'varchar', 'brand': 'varchar', 'period': 'varchar',
        'most': 'integer', 'when_full': 'varchar'
    }) | indent(4) }}
)

select
    cap,
    channel,
    class,
    journey,
    brand,
    case when period not like 'calendar %' then cast(period as interval) end
        as rolling_period,
    case when period like 'calendar %' then substr(period, 10) end
        as calendar_period,
    most,
    when_full
from caps
