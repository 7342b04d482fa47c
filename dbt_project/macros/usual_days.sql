{#- Of what occurs, by name: how often on the last day, and on the lowest, the highest
    and how many of the seven days before, as CTEs of which the last is `usual`. Days
    are counted back from the batch's time. `occurred` has name and occurred_at. -#}
{% macro usual_days(occurred) -%}
heard as (
    select
        name,
        {{ hours_before(batch_time(), 'occurred_at') }} as hours_ago
    from {{ occurred }}
    where
        occurred_at > {{ batch_time() }} - interval '8 days'
        and occurred_at <= {{ batch_time() }}
),

dated as (
    select
        name,
        case
            when hours_ago < 24 then 0
            when hours_ago < 48 then 1
            when hours_ago < 72 then 2
            when hours_ago < 96 then 3
            when hours_ago < 120 then 4
            when hours_ago < 144 then 5
            when hours_ago < 168 then 6
            else 7
        end as days_ago
    from heard
),

days as (
    select
        name,
        days_ago,
        count(*) as events
    from dated
    group by name, days_ago
),

usual as (
    select
        name,
        coalesce(max(case when days_ago = 0 then events end), 0) as last_day,
        min(case when days_ago > 0 then events end) as lowest,
        max(case when days_ago > 0 then events end) as highest,
        count(case when days_ago > 0 then 1 end) as days
    from days
    group by name
)
{%- endmacro %}
