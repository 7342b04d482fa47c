{#- The rows of `offers` (a walk row with one of its offers) with `offered_at`, when
    it may be taken: a signal as soon as the step is reached, a timer when its wait is
    over. Null where it is never. In layers, so that time zones are asked once; that a
    time of day is yet to come the local clock says, but that it is past need not
    be true where a local hour comes twice. -#}
{% macro with_offered_at(offers) -%}
select
    {{ all_but('due', ['waited_until', 'local_day']) }},
    case due.trigger
        when 'event' then due.reached_at
        when 'horizon' then greatest(due.reached_at, due.horizon_at)
        when 'move' then due.moved_at
        when 'block' then case
            when due.on_block = 'exit' and due.blocked_at is not null
                then greatest(due.reached_at, due.blocked_at)
        end
        else case
            when due.waited_until is null then null
            when due.at_s is null
                then greatest(due.reached_at, due.waited_until)
            else greatest(due.reached_at, {{ next_local_time(
                'due.zone', 'due.local_day', 'due.at_s', 'due.day_offsets'
            ) }})
        end
    end as offered_at
from (
    select
        {{ all_but('begun', ['local_moment']) }},
        case
            when begun.local_moment is null then null
            when {{ add_seconds(
                "date_trunc('day', begun.local_moment)", 'begun.at_s'
            ) }} >= begun.local_moment
                then date_trunc('day', begun.local_moment)
            when {{ from_local_time(
                add_seconds("date_trunc('day', begun.local_moment)", 'begun.at_s'),
                'begun.zone'
            ) }} >= begun.waited_until
                then date_trunc('day', begun.local_moment)
            else date_trunc('day', begun.local_moment) + interval '1 day'
        end as local_day
    from (
        select
            waited.*,
            case
                when waited.at_s is not null
                    then {{ to_local_time('waited.waited_until', 'waited.zone') }}
            end as local_moment
        from (
            select
                offer.*,
                case
                    when offer.trigger <> 'timer' then null
                    when coalesce(offer.on_block, '') <> 'wait'
                        then {{ add_seconds('offer.since_at', 'offer.after_s') }}
                    when offer.done_at is not null
                        then {{ add_seconds(
                            'greatest(offer.since_at, offer.done_at)',
                            'offer.after_s'
                        ) }}
                end as waited_until
            from (
                {{ offers }}
            ) as offer
        ) as waited
    ) as begun
) as due
{%- endmacro %}
