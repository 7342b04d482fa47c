{#- When the CRM set a flag of a contact, and when it took it back, in the order in which
    its exports said so: what the versions within `bound` (a condition) change, given the
    signs that were on record before this window (`known`, a relation, or none). Most
    contacts never have a flag: only those that do are looked at. -#}
{% macro changed_flags(bound, known=none) -%}
{%- set flags = crm_flags() -%}
with arrived as {{ kept() }} (
    select
        contact_id,
        node_id,
        {{ flags | join(',\n        ') }},
        occurred_at,
        loaded_at,
        loaded_seq
    from {{ ref('stg_crm__contacts') }}
    where not is_deleted and {{ bound }}
    {{- union_packs('flags', bound) | indent(4) }}
),

{% if known -%}
standing as {{ kept() }} (
    select
        k.node_id,
        k.sign,
        arg_max(k.is_set, k.loaded_seq) as is_set
    from {{ known }} as k
    where
        k.sign in ('{{ flags | join("', '") }}')
        and k.loaded_seq <= {{ window_value('from_seq') }}
        and k.node_id in (select a.node_id from arrived as a)
    group by k.node_id, k.sign
),
{%- endif %}

flagged as (
    select node_id from arrived
    where {{ flags | join(' or ') }}
    {%- if known %}
    union
    select node_id from standing
    where is_set
    {%- endif %}
),

said as (
    {%- for flag in flags %}
    select
        a.contact_id,
        a.node_id,
        '{{ flag }}' as flag,
        a.{{ flag }} as is_set,
        a.occurred_at,
        a.loaded_at,
        a.loaded_seq
    from arrived as a
    where a.node_id in (select f.node_id from flagged as f)
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

in_order as (
    select
        s.*,
        coalesce(
            lag(s.is_set) over (
                partition by s.node_id, s.flag order by s.loaded_seq
            ),
            {%- if known %}
            k.is_set,
            {%- endif %}
            false
        ) as was_set
    from said as s
    {%- if known %}
    left join standing as k
        on s.node_id = k.node_id and s.flag = k.sign
    {%- endif %}
)

select
    node_id,
    flag,
    is_set,
    {{ baton_id('statement', [
        "'crm.contacts'", 'contact_id', 'flag', epoch_microseconds('occurred_at')
    ]) }} as statement_id,
    occurred_at,
    loaded_at,
    loaded_seq
from in_order
where is_set <> was_set
{%- endmacro %}

{% macro crm_flags() -%}
  {{ return(['do_not_contact', 'is_deceased', 'email_opt_out', 'sms_opt_out']) }}
{%- endmacro %}
