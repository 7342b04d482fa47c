{#- What a pack's contacts are flagged with, in the form of the CRM's flags; `key` names
    the contact within the pack. -#}
{% macro pack_flags(pack, model, key='contact_id') -%}
select
    '{{ pack }}:' || {{ key }} as contact_id,
    node_id,
    false as do_not_contact,
    false as is_deceased,
    email_opt_out,
    false as sms_opt_out,
    occurred_at,
    loaded_at,
    loaded_seq
from {{ model }}
where node_id is not null and not is_deleted
{%- endmacro %}
