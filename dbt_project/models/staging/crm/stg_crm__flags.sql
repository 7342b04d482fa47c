{#- When the CRM set a flag of a contact, and when it took it back, in the order
    in which its exports said so. Most contacts never have one: only those that
    do are looked at. -#}
with flagged as (
    select distinct contact_id
    from {{ ref('stg_crm__contacts') }}
    where do_not_contact or is_deceased or email_opt_out or sms_opt_out
),

versions as (
    select c.*
    from {{ ref('stg_crm__contacts') }} as c
    inner join flagged as f
        on c.contact_id = f.contact_id
    where not c.is_deleted
),

flags as (
    {% for flag in ['do_not_contact', 'is_deceased', 'email_opt_out', 'sms_opt_out'] %}
    select
        contact_id,
        node_id,
        '{{ flag }}' as flag,
        {{ flag }} as is_set,
        occurred_at,
        loaded_at,
        loaded_seq
    from versions
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

in_order as (
    select
        *,
        lag(is_set, 1, false) over (
            partition by contact_id, flag order by loaded_seq
        ) as was_set
    from flags
)

select
    contact_id,
    node_id,
    flag,
    is_set,
    occurred_at,
    loaded_at,
    loaded_seq
from in_order
where is_set <> was_set
