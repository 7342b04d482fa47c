{{ config(materialized='view', tags=['view']) }}

{#- What the journal must know of every message that may still be unsent: its
    payload, and what blocks it now. Read at hand-over, never stored here. Histories
    are asked by the short keys of the few nodes whose messages these are. -#}
with handed as (
    select o.*
    from {{ ref('outbox') }} as o
    where o.expires_at > {{ batch_time() }} - interval '7 days'
),

ended as (
    select message_id
    from {{ ref('stg_journal__message_events') }}
    where message_id in (select h.message_id from handed as h)
    group by message_id
    having
        arg_max(state, seq) in (
            'accepted', 'delivered', 'bounced', 'cancelled', 'dead', 'unknown'
        )
),

unsent as {{ kept() }} (
    select
        h.*,
        {{ short_id('h.entry_node_id') }} as entry_node_short
    from handed as h
    left join ended as e
        on h.message_id = e.message_id
    where e.message_id is null
),

owned as {{ kept() }} (
    select
        u.*,
        m.person_id,
        m.person_short,
        ch.node_type is null as is_internal
    from unsent as u
    inner join {{ identifiers('node_short', 'unsent', 'entry_node_short') }} as m
        on u.entry_node_short = m.node_short
    left join {{ ref('stg_release__channels') }} as ch
        on u.channel = ch.channel
),

names as {{ kept() }} (
    select
        person_short,
        first_name,
        language
    from {{ ref('customers') }}
    where person_short in {{ few_of('owned', 'person_short') }}
),

nodes as {{ kept() }} (
    select
        m.node_id,
        m.node_short,
        m.person_id
    from {{ identifiers('person_short', 'owned') }} as m
),

steps as {{ kept() }} (
    select
        s.step_id,
        s.instance_id,
        s.person_id,
        s.step_no,
        s.kind,
        s.why,
        s.cause,
        s.entry_event_id,
        s.owner,
        s.respond_by,
        s.is_last
    from {{ few_rows(
        ref('int_journeys__steps'), 'entry_node_short', 'nodes', 'node_short'
    ) }} as s
    inner join nodes as n
        on s.entry_node_short = n.node_short
    where s.is_current
),

decided as {{ kept() }} (
    select
        k.candidate_id,
        k.message_id,
        k.channel,
        k.class,
        k.timezone,
        k.outcome,
        k.reason,
        k.evaluated_at,
        n.person_id
    from {{ few_rows(
        ref('candidates'), 'entry_node_short', 'nodes', 'node_short'
    ) }} as k
    inner join nodes as n
        on k.entry_node_short = n.node_short
),

asked as (
    select distinct
        p.contact_point_id,
        p.person_id,
        p.channel,
        o.class as purpose,
        o.brand
    from owned as o
    inner join {{ ref('contact_points') }} as p
        on o.contact_point_id = p.contact_point_id
    where not o.is_internal
),

standing as (
    {{ standing_permissions('asked', few=true) | indent(4) }}
),

withdrawn as (
    select release_id
    from {{ ref('stg_release__activations') }}
    group by release_id
    having arg_max(kind, seq) = 'withdraw'
),

suppressed_persons as (
    select distinct m.person_id
    from {{ ref('suppressions') }} as s
    inner join nodes as m
        on s.node_id = m.node_id
    where s.scope = 'person' and s.until > {{ batch_time() }}
),

stopped as (
    select
        scope,
        value
    from {{ ref('stg_journal__switches') }}
    where is_stopped
),

asked_zones as (
    select distinct timezone from decided
),

quiet as (
    {{ quiet_now('asked_zones') | indent(4) }}
),

open_cases as (
    select distinct m.person_id
    from {{ ref('guards') }} as g
    inner join nodes as m
        on g.node_short = m.node_short
    where
        g.guard = 'open_case'
        and g.since <= {{ batch_time() }}
        and g.until > {{ batch_time() }}
),

blocked as (
    select
        u.*,
        p.address,
        p.address_node_id,
        c.stated_at as current_consent_at,
        coalesce(st.owner, a.owner) as owner,
        st.respond_by,
        case
            when
                st.step_id is null
                or coalesce(st.person_id <> u.person_id, false)
                then 'superseded'
            when last_step.kind <> 'step' then 'left_journey'
            when
                w.release_id is not null
                or not coalesce(cd.is_standing, true)
                then 'release_withdrawn'
            when de.outcome = 'wait' then de.reason
            when de.outcome = 'nothing' and de.reason = 'capped' then 'over_cap'
            when
                de.reason in ('suppressed', 'no_consent', 'no_address', 'expired')
                then de.reason
            when de.outcome not in ('send', 'route', 'escalate')
                then 'superseded'
            when
                {{ switched_off('u', 'u.journey', 'u.brand') }}
                or u.person_id in (
                    select x.value from stopped as x
                    where x.scope = 'person' and x.value is not null
                )
                then 'switched_off'
            when
                coalesce(p.is_suppressed, false)
                or u.person_id in (
                    select x.person_id from suppressed_persons as x
                )
                then 'suppressed'
            when u.is_internal then null
            when p.address is null then 'no_address'
            when not coalesce(c.is_granted, false) then 'no_consent'
        end as hard_block,
        u.class in ('marketing', 'sales')
        and u.person_id in (select x.person_id from open_cases as x)
            as has_open_case,
        q.until is not null as is_quiet_hours,
        de.evaluated_at as won_at
    from owned as u
    left join steps as st
        on u.step_id = st.step_id
    left join steps as last_step
        on
            coalesce(u.recovers_instance_id, u.instance_id)
            = last_step.instance_id
            and last_step.is_last
    left join {{ ref('stg_release__actions') }} as a
        on u.action = a.action
    left join decided as de
        on u.candidate_id = de.candidate_id
    left join quiet as q
        on
            de.channel = q.channel
            and de.class = q.class
            and de.timezone = q.timezone
    left join withdrawn as w
        on u.release_id = w.release_id
    left join {{ ref('stg_release__cards') }} as cd
        on u.journey = cd.journey and u.card_hash = cd.card_hash
    left join (
        select
            s.contact_point_id,
            s.is_suppressed,
            cp.address,
            cp.node_id as address_node_id
        from {{ ref('contact_point_standing') }} as s
        inner join {{ ref('contact_points') }} as cp
            on s.contact_point_id = cp.contact_point_id
    ) as p
        on u.contact_point_id = p.contact_point_id
    left join standing as c
        on
            u.contact_point_id = c.contact_point_id
            and u.class = c.purpose
            and u.brand = c.brand
),

{#- The person's messages that have been called back since this one won: it must not
    go out beside them. -#}
displaced as (
    select
        b.message_id,
        string_agg(l.message_id, ' ' order by l.message_id) as message_ids
    from blocked as b
    inner join decided as l
        on b.person_id = l.person_id and b.won_at <= l.evaluated_at
    where
        b.hard_block is null
        and l.message_id is not null
        and l.outcome not in ('send', 'route', 'escalate')
        and l.reason in ('outranked', 'capped')
    group by b.message_id
),

{#- The way of the instance so far: what was tried, and what its events were
    about. Signals that heard the same event say the same of it. -#}
way as (
    select
        u.message_id,
        s.step_no,
        s.why,
        s.cause,
        s.entry_event_id
    from unsent as u
    inner join steps as s
        on coalesce(u.recovers_instance_id, u.instance_id) = s.instance_id
),

events as (
    select
        s.event_id,
        min(cast(s.properties as varchar)) as properties
    from {{ few_rows(ref('signals'), 'node_short', 'nodes') }} as s
    where
        s.event_id in (
            select w.cause from way as w
            union all
            select w.entry_event_id from way as w
        )
    group by s.event_id
),

facts as (
    select
        w.message_id,
        string_agg(w.why, '; ' order by w.step_no) as tried,
        max(entry.properties) as entry_properties,
        arg_max({{ json_text('e.properties', 'topic') }}, w.step_no) as topic
    from way as w
    left join events as e
        on w.cause = e.event_id
    left join events as entry
        on w.entry_event_id = entry.event_id
    group by w.message_id
)

select
    b.message_id,
    b.candidate_id,
    b.instance_id,
    b.journey,
    b.action,
    b.release_id,
    b.card_hash,
    b.entry_node_id as node_id,
    b.person_id,
    b.contact_point_id,
    b.channel,
    b.destination,
    b.class,
    b.brand,
    b.template,
    b.priority,
    b.expires_at,
    b.current_consent_at as consent_at,
    coalesce(
        b.hard_block,
        case when b.has_open_case then 'open_case' end,
        case when b.is_quiet_hours then 'quiet_hours' end
    ) as blocked_by,
    b.address,
    b.address_node_id,
    cu.first_name,
    cu.language as locale,
    {{ json_text('f.entry_properties', 'quote_id') }} as quote_id,
    {{ json_text('f.entry_properties', 'product') }} as product,
    {{ json_text('f.entry_properties', 'compared_with') }} as compared_with,
    {{ json_text('f.entry_properties', 'value') }} as value,
    f.topic,
    f.tried,
    b.owner,
    cast(b.respond_by as varchar) as respond_by,
    d.message_ids as displaces
from blocked as b
left join displaced as d
    on b.message_id = d.message_id
left join names as cu
    on b.person_short = cu.person_short
left join facts as f
    on b.message_id = f.message_id
