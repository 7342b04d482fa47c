{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='permission_id'
) }}

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

statements as (
    select
        s.*,
        n.person_id
    from {{ ref('consent_statements') }} as s
    inner join nodes as n
        on s.node_id = n.node_id
),

by_address as (
    select
        s.contact_point_id,
        s.purpose,
        s.brand,
        s.statement_id,
        s.is_granted,
        s.stated_at,
        row_number() over (
            partition by s.contact_point_id, s.purpose, s.brand
            order by s.stated_at desc, s.is_granted, s.statement_id
        ) as recency
    from {{ ref('consent_statements') }} as s
    where s.contact_point_id in (select p.contact_point_id from points as p)
),

by_subject as (
    select
        *,
        row_number() over (
            partition by node_id, channel, purpose, brand
            order by stated_at desc, is_granted, statement_id
        ) as recency
    from statements
    where not names_address
),

by_person as (
    select
        person_id,
        channel,
        purpose,
        brand,
        statement_id,
        is_granted,
        stated_at,
        row_number() over (
            partition by person_id, channel, purpose, brand
            order by is_granted, stated_at desc, statement_id
        ) as strictness
    from by_subject
    where recency = 1
),

subjects as (
    select
        contact_point_id,
        purpose,
        brand
    from by_address
    union
    select
        p.contact_point_id,
        b.purpose,
        b.brand
    from by_person as b
    inner join points as p
        on b.person_id = p.person_id and b.channel = p.channel
),

combined as (
    select
        s.contact_point_id,
        p.person_id,
        p.channel,
        s.purpose,
        s.brand,
        a.statement_id as address_statement_id,
        a.is_granted as address_says,
        a.stated_at as address_stated_at,
        b.statement_id as person_statement_id,
        b.is_granted as person_says,
        b.stated_at as person_stated_at,
        coalesce(
            a.is_granted is null
            or (not b.is_granted and b.stated_at >= a.stated_at),
            false
        ) as person_decides
    from subjects as s
    inner join points as p
        on s.contact_point_id = p.contact_point_id
    left join by_address as a
        on
            s.contact_point_id = a.contact_point_id
            and s.purpose = a.purpose
            and s.brand = a.brand
            and a.recency = 1
    left join by_person as b
        on
            p.person_id = b.person_id
            and p.channel = b.channel
            and s.purpose = b.purpose
            and s.brand = b.brand
            and b.strictness = 1
)

select
    {{ baton_id('permission', ['contact_point_id', 'purpose', 'brand']) }}
        as permission_id,
    contact_point_id,
    person_id,
    channel,
    purpose,
    brand,
    case when person_decides then person_says else address_says end
        as is_granted,
    case when person_decides then person_statement_id else address_statement_id end
        as statement_id,
    case when person_decides then person_stated_at else address_stated_at end
        as stated_at,
    case when person_decides then 'person' else 'address' end as level
from combined
