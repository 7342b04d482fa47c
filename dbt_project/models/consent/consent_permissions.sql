{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='permission_id'
) }}

{#- Of each purpose and brand that somebody named for a contact point, the
    latest of the statements that cover it, of one instant the weaker. Brand
    `all` has what covers the brands that nobody named. -#}
with points as (
    select
        contact_point_id,
        person_id,
        channel
    from {{ ref('contact_points') }}
    where {{ is_touched() }}
),

nodes as (
    select
        node_id,
        person_id
    from {{ ref('identity_map') }}
    where person_id in (select p.person_id from points as p)
),

purposes as (
    {{ consent_purposes() | indent(4) }}
),

of_addresses as (
    select
        s.*,
        pu.purpose as meant_purpose
    from {{ ref('consent_statements') }} as s
    inner join purposes as pu
        on s.purpose in (pu.purpose, 'all')
    where s.contact_point_id in (select p.contact_point_id from points as p)
),

of_persons as (
    select
        s.*,
        n.person_id,
        pu.purpose as meant_purpose
    from {{ ref('consent_statements') }} as s
    inner join nodes as n
        on s.node_id = n.node_id
    inner join purposes as pu
        on s.purpose in (pu.purpose, 'all')
    where not s.names_address
),

subjects as (
    select
        p.contact_point_id,
        p.person_id,
        p.channel,
        s.meant_purpose as purpose,
        s.brand
    from of_addresses as s
    inner join points as p
        on s.contact_point_id = p.contact_point_id
    union
    select
        p.contact_point_id,
        p.person_id,
        p.channel,
        s.meant_purpose as purpose,
        s.brand
    from of_persons as s
    inner join points as p
        on s.person_id = p.person_id and s.channel = p.channel
),

by_address as (
    select
        t.contact_point_id,
        t.purpose,
        t.brand,
        s.statement_id,
        s.is_granted,
        s.stated_at,
        s.is_confirmed,
        s.valid_until,
        bool_or(not s.is_granted) over (
            partition by t.contact_point_id, t.purpose, t.brand
        ) as was_refused,
        row_number() over (
            partition by t.contact_point_id, t.purpose, t.brand
            order by
                s.stated_at desc,
                s.is_granted,
                coalesce(s.is_confirmed, false),
                coalesce(s.valid_until, {{ end_of_time() }}),
                s.statement_id
        ) as recency
    from subjects as t
    inner join of_addresses as s
        on
            t.contact_point_id = s.contact_point_id
            and t.purpose = s.meant_purpose
            and s.brand in (t.brand, 'all')
),

topics as (
    select distinct
        person_id,
        channel,
        purpose,
        brand
    from subjects
),

by_subject as (
    select
        t.person_id,
        t.channel,
        t.purpose,
        t.brand,
        s.statement_id,
        s.is_granted,
        s.stated_at,
        s.is_confirmed,
        s.valid_until,
        bool_or(not s.is_granted) over (
            partition by t.person_id, t.channel, t.purpose, t.brand
        ) as was_refused,
        row_number() over (
            partition by s.node_id, t.channel, t.purpose, t.brand
            order by
                s.stated_at desc,
                s.is_granted,
                coalesce(s.is_confirmed, false),
                coalesce(s.valid_until, {{ end_of_time() }}),
                s.statement_id
        ) as recency
    from topics as t
    inner join of_persons as s
        on
            t.person_id = s.person_id
            and t.channel = s.channel
            and t.purpose = s.meant_purpose
            and s.brand in (t.brand, 'all')
),

by_person as (
    select
        *,
        row_number() over (
            partition by person_id, channel, purpose, brand
            order by
                is_granted,
                stated_at desc,
                coalesce(is_confirmed, false),
                coalesce(valid_until, {{ end_of_time() }}),
                statement_id
        ) as strictness
    from by_subject
    where recency = 1
),

{#- The address is heard before a yes of the person; against a no of the person
    the later one counts, at the same instant the no. -#}
voices as (
    select
        contact_point_id,
        purpose,
        brand,
        'address' as level,
        statement_id,
        is_granted,
        stated_at,
        is_confirmed,
        valid_until,
        was_refused
    from by_address
    where recency = 1
    union all
    select
        t.contact_point_id,
        t.purpose,
        t.brand,
        'person' as level,
        b.statement_id,
        b.is_granted,
        b.stated_at,
        b.is_confirmed,
        b.valid_until,
        b.was_refused
    from subjects as t
    inner join by_person as b
        on
            t.person_id = b.person_id
            and t.channel = b.channel
            and t.purpose = b.purpose
            and t.brand = b.brand
    where b.strictness = 1
),

heard as (
    select
        contact_point_id,
        purpose,
        brand,
        level,
        statement_id,
        is_granted,
        stated_at,
        is_confirmed,
        valid_until,
        bool_or(was_refused) over (
            partition by contact_point_id, purpose, brand
        ) as was_refused,
        row_number() over (
            partition by contact_point_id, purpose, brand
            order by
                level = 'person' and is_granted,
                stated_at desc,
                level desc
        ) as position
    from voices
),

computed as (
    select
        {{ baton_id('permission', ['h.contact_point_id', 'h.purpose', 'h.brand']) }}
            as permission_id,
        h.contact_point_id,
        p.person_id,
        p.channel,
        h.purpose,
        h.brand,
        h.is_granted,
        h.statement_id,
        h.stated_at,
        h.level,
        h.is_confirmed,
        h.valid_until,
        h.was_refused
    from heard as h
    inner join points as p
        on h.contact_point_id = p.contact_point_id
    where h.position = 1
)

select * from computed
{%- if is_incremental() %}
union all
select
    t.permission_id,
    t.contact_point_id,
    p.person_id,
    t.channel,
    t.purpose,
    t.brand,
    cast(null as boolean) as is_granted,
    cast(null as varchar) as statement_id,
    cast(null as timestamp) as stated_at,
    cast(null as varchar) as level,
    cast(null as boolean) as is_confirmed,
    cast(null as timestamp) as valid_until,
    cast(null as boolean) as was_refused
from {{ this }} as t
inner join points as p
    on t.contact_point_id = p.contact_point_id
left join computed as c
    on t.permission_id = c.permission_id
where t.is_granted is not null and c.permission_id is null
{%- endif %}
