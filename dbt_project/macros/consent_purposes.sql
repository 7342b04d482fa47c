{#- What a statement about all purposes is about: rows of one column. -#}
{% macro consent_purposes() -%}
{%- for purpose in ['marketing', 'sales', 'service', 'transactional'] %}
select '{{ purpose }}' as purpose
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}
