{#- What whoever takes a customer over should know: common table expressions that
    end in `contexts`, one row per hand-over. `people` names one of persons they
    are limited to, so that their cost follows those; with `days` only hand-overs
    decided in so many are looked at. Facts are those of the end of the window. -#}
{% macro contexts_of(people=none, days=none) -%}
{%- set map = 'identified' if people else ref('identity_map') -%}
{%- set signals, steps = ref('signals'), ref('int_journeys__steps') -%}
{%- set decisions = ref('decisions') -%}
{%- if people -%}
  {%- set signals = few_rows(signals, 'node_short', 'nodes_of') -%}
  {%- set steps = few_rows(steps, 'entry_node_short', 'nodes_of', 'node_short') -%}
  {%- set decisions = few_rows(decisions, 'entry_node_id', 'nodes_of', 'node_id') -%}
{%- endif -%}
{%- if people -%}
{#- By integers and first, so that hand-overs meet these few and not everybody. -#}
asked_for as (
    select {{ short_id('p.person_id') }} as person_short
    from {{ people }} as p
),

identified as {{ kept() }} (
    select
        m.person_id,
        m.person_short,
        m.node_id,
        m.node_short,
        m.node_seq
    from {{ identifiers('person_short', 'asked_for') }} as m
),

{% endif -%}
handed as {{ kept() }} (
    select
        o.message_id as handoff_id,
        k.kind,
        k.accepted_by,
        o.entry_node_id as node_id,
        m.person_id,
        m.person_short,
        o.journey,
        o.correlation_key,
        o.step_id,
        coalesce(o.recovers_instance_id, o.instance_id) as instance_id,
        o.action,
        o.channel,
        o.destination,
        o.brand,
        o.decided_at as handed_at
    from {{ ref('outbox') }} as o
    inner join {{ ref('decisions') }} as d
        on o.evaluation_id = d.evaluation_id
    inner join {{ map }} as m
        on o.entry_node_id = m.node_id
    left join {{ ref('stg_release__handoffs') }} as k
        on o.action = k.action
    where
        d.outcome in ('route', 'escalate')
        {%- if days %}
        and o.decided_at > {{ batch_time() }} - interval '{{ days }} days'
        and d.decided_at > {{ batch_time() }} - interval '{{ days }} days'
        {%- endif %}
),

nodes_of as {{ kept() }} (
    select
        m.person_id,
        m.node_id,
        m.node_short,
        m.node_seq
    from {{ map }} as m
    inner join (select distinct person_short from handed) as h
        on m.person_short = h.person_short
),

{#- What Baton itself sent stands in `was_told`. -#}
heard as {{ kept() }} (
    select
        n.person_id,
        s.signal,
        s.event_id,
        s.occurred_at,
        {{ json_text('s.properties', 'topic') }} as topic,
        {{ json_text('s.properties', 'product') }} as product,
        {{ json_text('s.properties', 'quote_id') }} as quote_id,
        row_number() over (
            partition by n.person_id
            order by s.occurred_at desc, s.source_priority, s.signal_id
        ) as recency
    from {{ signals }} as s
    inner join nodes_of as n
        on s.node_short = n.node_short
    where s.signal not in ('message_accepted', 'message_failed')
),

lately as (
    select
        person_id,
        {{ json_list({
            'signal': 'signal', 'at': utc_text('occurred_at'), 'topic': 'topic',
            'product': 'product', 'quote_id': 'quote_id'
        }, '-recency') }} as did_lately,
        arg_max(topic, -recency) as topic,
        arg_max(product, -recency) as product,
        arg_max(quote_id, -recency) as quote_id,
        arg_max(signal, -recency) as last_signal,
        max(occurred_at) as last_at
    from heard
    where recency <= 5
    group by person_id
),

message_states as {{ kept() }} (
    select
        e.message_id,
        arg_max(e.state, e.seq) as state,
        min(case when e.state = 'accepted' then e.occurred_at end)
            as carried_at,
        max(case when e.state in ('accepted', 'unknown') then e.occurred_at end)
            as told_at
    from {{ ref('stg_journal__message_events') }} as e
    inner join nodes_of as n
        on e.node_id = n.node_id
    group by e.message_id
),

told as (
    select
        n.person_id,
        {{ json_list({
            'action': 'o.action', 'channel': 'o.channel',
            'at': utc_text('s.told_at'), 'state': 's.state'
        }, 's.told_at') }} as was_told,
        count(*) as told_count,
        arg_max(o.action, s.told_at) as last_action,
        arg_max(o.channel, s.told_at) as last_channel
    from {{ ref('outbox') }} as o
    inner join nodes_of as n
        on o.entry_node_id = n.node_id
    inner join message_states as s
        on o.message_id = s.message_id
    inner join {{ ref('stg_release__channels') }} as ch
        on o.channel = ch.channel
    where
        ch.node_type is not null
        and s.state in ('accepted', 'delivered', 'unknown')
        and s.told_at > {{ batch_time() }} - interval '30 days'
    group by n.person_id
),

standing_cases as (
    select distinct
        n.person_id,
        g.subject_key as case_id,
        g.since
    from {{ ref('guards') }} as g
    inner join nodes_of as n
        on g.node_short = n.node_short
    where
        g.guard = 'open_case'
        and g.since <= {{ batch_time() }}
        and g.until > {{ batch_time() }}
),

case_topics as (
    select
        case_id,
        arg_max(topic, loaded_seq) as topic
    from {{ ref('stg_service__cases') }}
    where case_id in (select s.case_id from standing_cases as s)
    group by case_id
),

cases as (
    select
        s.person_id,
        {{ json_list({
            'case_id': 's.case_id', 'topic': 't.topic',
            'since': utc_text('s.since')
        }, 's.since') }} as open_cases,
        count(*) as case_count
    from standing_cases as s
    left join case_topics as t
        on s.case_id = t.case_id
    group by s.person_id
),

permissions as (
    select
        c.person_id,
        c.channel,
        c.purpose,
        c.brand,
        bool_or(c.is_granted and not coalesce(s.is_suppressed, false))
            as is_granted
    from {{ ref('consent_permissions') }} as c
    left join {{ ref('contact_point_standing') }} as s
        on c.contact_point_id = s.contact_point_id
    where
        c.person_id in (select h.person_id from handed as h)
        and c.is_granted is not null
    group by c.person_id, c.channel, c.purpose, c.brand
),

consents as (
    select
        person_id,
        {{ json_list({
            'channel': 'channel', 'purpose': 'purpose', 'brand': 'brand',
            'is_granted': 'is_granted'
        }, "channel || ' ' || purpose || ' ' || brand") }} as consent
    from permissions
    group by person_id
),

decided as (
    select
        n.person_id,
        d.decided_at,
        d.journey,
        d.action,
        d.outcome,
        d.reason,
        row_number() over (
            partition by n.person_id
            order by d.decided_at desc, d.evaluation_no desc, d.evaluation_id
        ) as recency
    from {{ decisions }} as d
    inner join nodes_of as n
        on d.entry_node_id = n.node_id
    where d.decided_at > {{ batch_time() }} - interval '30 days'
),

why_so as (
    select
        person_id,
        {{ json_list({
            'at': utc_text('decided_at'), 'journey': 'journey',
            'action': 'action', 'outcome': 'outcome', 'reason': 'reason'
        }, '-recency') }} as last_decisions
    from decided
    where recency <= 5
    group by person_id
),

steps_of as {{ kept() }} (
    select
        n.person_id,
        s.step_id,
        s.instance_id,
        s.person_id as step_person_id,
        s.step_no,
        s.step,
        s.kind,
        s.cause,
        s.why,
        s.reached_at,
        s.owner,
        s.respond_by,
        s.horizon_at,
        s.next_due_at,
        s.card_hash,
        s.is_last,
        s.is_current
    from {{ steps }} as s
    inner join nodes_of as n
        on s.entry_node_short = n.node_short
),

wanted as (
    select
        h.handoff_id,
        arg_max(e.topic, s.step_no) as topic,
        arg_max(e.product, s.step_no) as product,
        arg_max(e.quote_id, s.step_no) as quote_id
    from handed as h
    inner join steps_of as s
        on h.instance_id = s.instance_id and s.is_current
    inner join heard as e
        on h.person_id = e.person_id and s.cause = e.event_id
    group by h.handoff_id
),

{#- Where time leads the instance next, if nothing else happens. -#}
ahead as (
    select
        h.handoff_id,
        s.next_due_at as next_step_at,
        case
            when s.next_due_at = s.horizon_at then 'expired'
            else arg_min(r.to_step, r.after_s)
        end as next_step
    from handed as h
    inner join steps_of as s
        on h.instance_id = s.instance_id and s.is_current and s.is_last
    left join {{ ref('stg_release__rules') }} as r
        on
            s.card_hash = r.card_hash
            and s.step = r.leaves_step
            and r.trigger_name = 'timer'
    where s.kind = 'step'
    group by h.handoff_id, s.next_due_at, s.horizon_at
),

stood as (
    select
        h.*,
        s.step,
        s.why,
        coalesce(s.reached_at, h.handed_at) as reached_at,
        coalesce(s.owner, a.owner) as owner,
        s.respond_by,
        coalesce(m.state, 'not_handed_over') as state,
        m.carried_at,
        not coalesce(s.is_current, false)
        or coalesce(s.step_person_id <> h.person_id, false) as is_superseded,
        n.next_step,
        n.next_step_at
    from handed as h
    left join steps_of as s
        on h.step_id = s.step_id
    left join {{ ref('stg_release__actions') }} as a
        on h.action = a.action
    left join message_states as m
        on h.handoff_id = m.message_id
    left join ahead as n
        on h.handoff_id = n.handoff_id
),

taken as (
    select
        s.handoff_id,
        min(e.occurred_at) as accepted_at
    from stood as s
    inner join heard as e
        on
            s.person_id = e.person_id
            and s.accepted_by = e.signal
            and s.reached_at <= e.occurred_at
    group by s.handoff_id
),

{#- What the customer wanted is what the way was about; only a way without any
    such fact is read from what was heard last. -#}
known as (
    select
        s.*,
        t.accepted_at,
        case when w.handoff_id is null then l.topic else w.topic end as topic,
        case when w.handoff_id is null then l.product else w.product end
            as product,
        case when w.handoff_id is null then l.quote_id else w.quote_id end
            as quote_id,
        l.did_lately,
        l.last_signal,
        l.last_at,
        not s.is_superseded
        and t.accepted_at is null
        and s.next_step_at is not null
        and s.state not in ('cancelled', 'rejected', 'dead', 'bounced')
            as is_open
    from stood as s
    left join taken as t
        on s.handoff_id = t.handoff_id
    left join (
        select * from wanted
        where coalesce(topic, product, quote_id) is not null
    ) as w
        on s.handoff_id = w.handoff_id
    left join lately as l
        on s.person_id = l.person_id
),

promises as (
    select
        k.handoff_id,
        {{ json_list({
            'handoff_id': 'e.handoff_id', 'owner': 'e.owner',
            'respond_by': utc_text('e.respond_by')
        }, 'e.handed_at') }} as promised
    from known as k
    inner join known as e
        on
            k.person_id = e.person_id
            and e.is_open
            and k.handoff_id <> e.handoff_id
            and e.handed_at <= k.handed_at
    group by k.handoff_id
),

repeated as (
    select k.handoff_id
    from known as k
    inner join heard as e
        on
            k.person_id = e.person_id
            and e.signal = 'chat_asked'
            and k.topic = e.topic
            and k.handed_at < e.occurred_at
            and k.handed_at + interval '7 days' >= e.occurred_at
    group by k.handoff_id
),

contexts as (
    select
        k.handoff_id,
        k.kind,
        k.node_id,
        k.person_id,
        k.journey,
        k.correlation_key,
        k.instance_id,
        k.step,
        k.action,
        k.channel,
        k.destination,
        k.brand,
        k.topic,
        k.product,
        k.quote_id,
        coalesce(k.did_lately, '[]') as did_lately,
        coalesce(t.was_told, '[]') as was_told,
        coalesce(p.promised, '[]') as promised,
        coalesce(c.open_cases, '[]') as open_cases,
        coalesce(y.consent, '[]') as consent,
        coalesce(w.last_decisions, '[]') as last_decisions,
        concat_ws(
            ' ',
            'Wants: ' || nullif(
                concat_ws(', ', k.topic, k.product, 'quote ' || k.quote_id), ''
            ) || '.',
            'Handed over because: ' || k.why || '.',
            'Last heard: ' || k.last_signal || ' at '
            || {{ utc_text('k.last_at') }} || '.',
            'Messages in 30 days: ' || cast(t.told_count as varchar)
            || ', the last ' || t.last_action || ' by ' || t.last_channel || '.',
            'Open cases: ' || cast(c.case_count as varchar) || '.',
            'To be answered by ' || k.owner || ' until '
            || {{ utc_text('k.respond_by') }} || '.'
        ) as summary,
        'rule' as summary_source,
        k.next_step,
        k.next_step_at,
        k.owner,
        k.respond_by,
        k.handed_at,
        k.carried_at,
        k.accepted_at,
        k.state,
        k.is_superseded,
        case
            when k.accepted_by is null then null
            when k.accepted_at is not null then k.accepted_at <= k.respond_by
            when k.respond_by <= {{ batch_time() }} then false
        end as is_in_time,
        r.handoff_id is not null as is_question_repeated
    from known as k
    left join told as t
        on k.person_id = t.person_id
    left join promises as p
        on k.handoff_id = p.handoff_id
    left join cases as c
        on k.person_id = c.person_id
    left join consents as y
        on k.person_id = y.person_id
    left join why_so as w
        on k.person_id = w.person_id
    left join repeated as r
        on k.handoff_id = r.handoff_id
)
{%- endmacro %}
