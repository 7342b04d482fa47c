{#- Field values of a source's people, one select for each field. In a row that is a
    whole record a null is a value too: there is none any more. One that `is_partial`
    says nothing by it. -#}
{% macro fields_of(source, model, fields, is_partial=false) -%}
{%- for field in fields %}
select
    '{{ source }}' as source,
    node_id,
    '{{ field }}' as field,
    {{ field }} as value,
    is_deleted,
    occurred_at as observed_at,
    loaded_seq
from {{ model }}
where node_id is not null{{ ' and ' ~ field ~ ' is not null' if is_partial }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}
