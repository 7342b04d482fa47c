{#- What a pass looks at, docs/reference/decisions.md rule 19: candidates that are new,
    due again or touched, and fallbacks that may have to stand in for them. History is
    long: it is asked by the step's short key, and what may still change by `open_until`.
    Leaves `touched`, `actions`, `cards`, `stale_cards`, `nodes` (of the persons of all these),
    `owners` (whose their entry nodes are), `seen` (candidates of these steps that are
    on record) and `due`. -#}
{% macro due_candidates() -%}
touched as (
    select
        node_short,
        person_id,
        person_short
    from {{ ref('int_journeys__touched') }}
),

actions as {{ kept() }} (
    select * from {{ ref('stg_release__actions') }}
),

cards as {{ kept() }} (
    select * from {{ ref('stg_release__cards') }}
),

stale_cards as {{ kept() }} (
    select card_hash from {{ ref('stg_release__stale_cards') }}
),

moment as {{ kept() }} (
    select
        w.window_id,
        w.batch_time,
        {{ input_watermark() }} as watermark
    from {{ source('control', 'this_window') }} as w
),

{% if is_incremental() %}
switched as (
    select count(*) as changes
    from {{ ref('stg_journal__switches') }}
    where {{ in_this_window() }}
),

news as (
    select
        message_id,
        node_id,
        state in ('cancelled', 'rejected', 'dead', 'bounced') as is_end
    from {{ ref('stg_journal__message_events') }}
    where {{ in_this_window() }}
),

disappointing as (
    select {{ short_id('node_id') }} as node_short
    from news
    where is_end
),

disappointed_persons as {{ kept() }} (
    select m.person_short
    from {{ ref('identity_map') }} as m
    where m.node_short in {{ few_of('disappointing', 'node_short') }}
),

disappointed as (
    select m.node_short
    from {{ ref('identity_map') }} as m
    where m.person_short in {{ few_of('disappointed_persons', 'person_short') }}
),

{% endif %}

{#- What this window folded, few of a long history: apart, so that the planner
    bounds it before it joins. -#}
stepped as {{ kept() if is_incremental() }} (
    select
        s.step_id,
        s.instance_id,
        s.journey,
        s.correlation_key,
        s.entry_node_id,
        s.entry_node_short,
        s.card_hash,
        s.acts_from,
        s.entered_at,
        s.on_block,
        s.reached_at,
        s.action
    from {{ ref('int_journeys__steps') }} as s
    where
        s.is_current
        and s.action is not null
        and s.computed_window_id = {{ window_id() }}
),

{% if is_incremental() %}
{#- The message that a recovery step answers, with the fallback of its action
    and the instance on whose behalf it was sent. -#}
recoveries as (
    select
        s.step_id,
        a.fallback as action,
        coalesce(k.recovers_instance_id, k.instance_id) as recovers_instance_id
    from stepped as s
    inner join {{ this }} as k
        on
            s.entry_node_short = k.entry_node_short
            and s.correlation_key = k.message_id
    inner join actions as a
        on k.action = a.action
    where s.action = 'fallback'
),
{% endif %}

acting as {{ kept() }} (
    select
        s.step_id,
        {{ short_id('s.step_id') }} as step_short,
        s.instance_id,
        s.journey,
        s.correlation_key,
        s.entry_node_id,
        s.entry_node_short,
        s.card_hash,
        s.acts_from,
        s.entered_at,
        s.on_block,
        s.reached_at,
        {% if is_incremental() %}
        case when s.action = 'fallback' then r.action else s.action end as action,
        r.recovers_instance_id
        {% else %}
        s.action,
        cast(null as varchar) as recovers_instance_id
        {% endif %}
    from stepped as s
    {% if is_incremental() %}
    left join recoveries as r
        on s.step_id = r.step_id
    {% endif %}
    where s.card_hash in (select c.card_hash from cards as c)
),

ways as (
    select
        action as wanted_action,
        action,
        cast(null as varchar) as fallback_of
    from actions
    union all
    select
        action as wanted_action,
        fallback as action,
        action as fallback_of
    from actions
    where fallback is not null
),

{% if is_incremental() %}
again as {{ kept() }} (
    select
        k.candidate_id,
        k.step_id,
        k.step_short,
        k.instance_id,
        k.journey,
        k.correlation_key,
        k.entry_node_id,
        k.entry_node_short,
        k.card_hash,
        k.acts_from,
        k.entered_at,
        k.recovers_instance_id,
        k.action,
        k.fallback_of,
        k.on_block,
        k.due_at,
        k.evaluation_no,
        k.evaluated_window_id,
        k.answered_by_message_id,
        k.message_id,
        k.message_decided_at,
        case when k.message_id is not null then k.contact_point_id end
            as message_contact_point_id,
        k.reason = 'input_behind' as is_judged_first
    from {{ this }} as k
    inner join cards as cd
        on k.journey = cd.journey and k.card_hash = cd.card_hash
    cross join moment as w
    where
        not k.is_decided
        and k.action in (select a.action from actions as a)
        and (
            case k.reason
                when 'input_behind' then w.watermark >= w.batch_time
                when 'stale_input'
                    then k.card_hash not in (
                            select x.card_hash from stale_cards as x
                        )
                when 'card_withdrawn' then cd.is_standing
                else k.decide_after <= w.batch_time
            end
            or k.expires_at <= w.batch_time
            or (
                k.reason <> 'input_behind'
                and k.entry_node_short in (select t.node_short from touched as t)
            )
            or (select s.changes from switched as s) > 0
            or k.message_id in (select n.message_id from news as n)
            or (
                k.reason in ('outranked', 'capped')
                and k.entry_node_short in (
                    select d.node_short from disappointed as d
                )
            )
        )
),

sought as (
    select step_short from acting
    union
    select step_short from again
),

seen as {{ kept() }} (
    select
        k.candidate_id,
        k.step_id,
        k.action,
        k.reason
    from {{ this }} as k
    where k.step_short in {{ few_of('sought', 'step_short') }}
),
{% endif %}

entries as (
    select entry_node_short as node_short from acting
    {% if is_incremental() %}
    union
    select entry_node_short from again
    {% endif %}
),

owners as {{ kept() }} (
    select
        m.node_short,
        m.person_id,
        m.person_short
    from {{ identifiers('node_short', 'entries', few=is_incremental()) }} as m
),

concerned as (
    select person_short from owners
    union
    select person_short from touched
),

{#- Whose guards, scores, arms and messages this pass is about. -#}
nodes as {{ kept() }} (
    select
        m.node_id,
        m.node_short,
        m.person_id,
        m.person_short
    from {{ identifiers('person_short', 'concerned', few=is_incremental()) }} as m
),

due as (
    select
        n.person_id,
        n.person_short,
        n.candidate_id,
        n.step_id,
        n.step_short,
        n.instance_id,
        n.journey,
        n.correlation_key,
        n.entry_node_id,
        n.entry_node_short,
        n.card_hash,
        n.acts_from,
        n.entered_at,
        n.recovers_instance_id,
        n.action,
        n.fallback_of,
        n.on_block,
        n.reached_at as due_at,
        0 as evaluation_no,
        cast(null as bigint) as evaluated_window_id,
        cast(null as varchar) as answered_by_message_id,
        cast(null as varchar) as message_id,
        cast(null as timestamp) as message_decided_at,
        cast(null as varchar) as message_contact_point_id,
        true as is_judged_first
    from (
        select
            {{ all_but('s', ['action']) }},
            o.person_id,
            o.person_short,
            w.action,
            w.fallback_of,
            {{ baton_id('candidate', ['s.step_id', 'w.action']) }} as candidate_id
        from acting as s
        inner join owners as o
            on s.entry_node_short = o.node_short
        inner join ways as w
            on s.action = w.wanted_action
    ) as n
    {% if is_incremental() %}
    left join seen as k
        on n.candidate_id = k.candidate_id
    where k.candidate_id is null
    union all
    select
        o.person_id,
        o.person_short,
        g.*
    from again as g
    inner join owners as o
        on g.entry_node_short = o.node_short
    union all
    {#- The fallback of what is looked at again may have to stand in for it. #}
    select
        o.person_id,
        o.person_short,
        {{ baton_id('candidate', ['g.step_id', 'a.fallback']) }}
            as candidate_id,
        g.step_id,
        g.step_short,
        g.instance_id,
        g.journey,
        g.correlation_key,
        g.entry_node_id,
        g.entry_node_short,
        g.card_hash,
        g.acts_from,
        g.entered_at,
        g.recovers_instance_id,
        a.fallback as action,
        g.action as fallback_of,
        g.on_block,
        g.due_at,
        0 as evaluation_no,
        cast(null as bigint) as evaluated_window_id,
        cast(null as varchar) as answered_by_message_id,
        cast(null as varchar) as message_id,
        cast(null as timestamp) as message_decided_at,
        cast(null as varchar) as message_contact_point_id,
        true as is_judged_first
    from again as g
    inner join owners as o
        on g.entry_node_short = o.node_short
    inner join actions as a
        on g.action = a.action
    left join (
        select
            s.step_id,
            w.action
        from acting as s
        inner join ways as w
            on s.action = w.wanted_action
    ) as f
        on g.step_id = f.step_id and a.fallback = f.action
    left join seen as k
        on g.step_id = k.step_id and a.fallback = k.action
    where
        a.fallback is not null
        and g.fallback_of is null
        and f.step_id is null
        and k.candidate_id is null
    {% endif %}
)
{%- endmacro %}
