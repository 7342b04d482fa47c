{#- Where a channel is silent at the batch time, or will be within the quarter of an
    hour in which a message may still be claimed after its last check (15 minutes are
    the most that activation/config.py allows), and until
    when: of the spans of nine days, those that touch or overlap are one. Rows of
    channel, class, timezone and until, for the time zones in `zones` (timezone): give
    it those that are asked for, not those of all customers. -#}
{% macro quiet_now(zones) -%}
with classes as (
    select 'marketing' as class
    union all
    select 'sales' as class
    union all
    select 'service' as class
),

days as (
    select
        z.timezone,
        date_trunc(
            'day', {{ to_local_time(batch_time(), 'z.timezone') }}
        ) + d.day as local_day
    from {{ zones }} as z
    cross join (
        {%- for day in range(-1, 9) %}
        select interval '{{ day }} day' as day
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as d
),

spans as (
    select
        q.channel,
        c.class,
        d.timezone,
        {{ from_local_time(
            add_seconds('d.local_day', 'q.from_s'), 'd.timezone'
        ) }} as since,
        {{ from_local_time(
            add_seconds(
                'd.local_day',
                'q.until_s + case when q.until_s <= q.from_s then 86400 else 0 end'
            ), 'd.timezone'
        ) }} as until
    from {{ ref('stg_release__quiet_hours') }} as q
    inner join classes as c
        on q.class = c.class or q.class is null
    cross join days as d
    where
        q.days = 'all'
        or (q.days = 'weekdays' and {{ iso_weekday('d.local_day') }} <= 5)
        or (q.days = 'weekends' and {{ iso_weekday('d.local_day') }} >= 6)
),

reaches as (
    select
        *,
        max(until) over (
            partition by channel, class, timezone
            order by since, until
            rows between unbounded preceding and 1 preceding
        ) as reached
    from spans
),

numbered as (
    select
        *,
        sum(case when reached >= since then 0 else 1 end) over (
            partition by channel, class, timezone
            order by since, until
            rows between unbounded preceding and current row
        ) as quiet_no
    from reaches
),

quiets as (
    select
        channel,
        class,
        timezone,
        min(since) as since,
        max(until) as until
    from numbered
    group by channel, class, timezone, quiet_no
)

select
    channel,
    class,
    timezone,
    max(until) as until
from quiets
where
    since <= {{ batch_time() }} + interval '15 minutes'
    and until > {{ batch_time() }}
group by channel, class, timezone
{%- endmacro %}
