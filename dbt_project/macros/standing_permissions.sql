{#- Whether what `asked` names is allowed at batch time: for each of its rows
    (contact_point_id, person_id, channel, purpose, brand) one row, with the
    statement that decided and what it rests on. The one place to ask; give it
    the rows that are needed, not all; where these are `few`, so are the customers
    that are read. -#}
{% macro standing_permissions(asked, few=false) -%}
with {% if few -%}
asking as (
    select {{ short_id('a.person_id') }} as person_short
    from {{ asked }} as a
),

{% endif -%}
countries as (
    select
        cu.person_id,
        cu.country
    from {{ ref('customers') }} as cu
    {%- if few %}
    where cu.person_short in {{ few_of('asking', 'person_short') }}
    {%- endif %}
),

placed as (
    select
        a.contact_point_id,
        a.person_id,
        a.channel,
        a.purpose,
        a.brand,
        coalesce(upper(trim(cu.country)), '') as country
    from {{ asked }} as a
    left join countries as cu
        on a.person_id = cu.person_id
),

topics as (
    select distinct
        purpose,
        channel,
        country
    from placed
),

bases as (
    {{ consent_bases('topics') | indent(4) }}
),

based as (
    select
        p.*,
        b.basis,
        b.needs_double_opt_in,
        b.valid_for
    from placed as p
    inner join bases as b
        on
            p.purpose = b.purpose
            and p.channel = b.channel
            and p.country = b.country
),

buyers as (
    select distinct m.person_id
    from {{ ref('identity_map') }} as m
    inner join (
        select distinct {{ short_id('b.person_id') }} as person_short
        from based as b
        where b.basis = 'soft_opt_in'
    ) as p
        on m.person_short = p.person_short
    inner join {{ ref('int_consent__signs') }} as s
        on m.node_short = s.subject_short
    where
        s.sign = 'has_bought'
        and s.loaded_seq <= {{ window_value('to_seq') }}
),

said as (
    select c.*
    from {{ ref('consent_permissions') }} as c
    where
        c.contact_point_id in (select p.contact_point_id from placed as p)
        and c.is_granted is not null
),

{#- What was said of this brand, else what was said of all. -#}
heard as (
    select
        b.*,
        coalesce(own.statement_id, any_brand.statement_id) as statement_id,
        coalesce(own.is_granted, any_brand.is_granted) as says_yes,
        coalesce(own.stated_at, any_brand.stated_at) as stated_at,
        coalesce(own.level, any_brand.level) as level,
        coalesce(own.was_refused, any_brand.was_refused, false) as was_refused,
        case
            when own.permission_id is not null then own.is_confirmed
            else any_brand.is_confirmed
        end as is_confirmed,
        case
            when own.permission_id is not null then own.valid_until
            else any_brand.valid_until
        end as valid_until,
        b.basis in ('legitimate_interest', 'contract')
        or (
            b.basis = 'soft_opt_in'
            and b.person_id in (select x.person_id from buyers as x)
        ) as is_allowed_unasked
    from based as b
    left join said as own
        on
            b.contact_point_id = own.contact_point_id
            and b.purpose = own.purpose
            and b.brand = own.brand
    left join said as any_brand
        on
            b.contact_point_id = any_brand.contact_point_id
            and b.purpose = any_brand.purpose
            and any_brand.brand = 'all'
),

judged as (
    select
        *,
        case
            when says_yes is null then 'unknown'
            when not says_yes then 'stated_no'
            when needs_double_opt_in and not coalesce(is_confirmed, false)
                then 'unconfirmed'
            when coalesce(valid_until <= {{ batch_time() }}, false) then 'expired'
            when coalesce(stated_at + valid_for <= {{ batch_time() }}, false)
                then 'expired'
            else 'yes'
        end as standing
    from heard
),

granted as (
    select
        *,
        standing = 'yes'
        or (
            standing <> 'stated_no' and not was_refused and is_allowed_unasked
        ) as is_granted
    from judged
)

select
    contact_point_id,
    person_id,
    channel,
    purpose,
    brand,
    is_granted,
    statement_id,
    stated_at,
    level,
    case when standing = 'yes' then 'consent' else basis end as basis,
    case when not is_granted then standing end as reason
from granted
{%- endmacro %}
