{#- Counts of the items of a mix, `recent` and `earlier`, with the sums over all items. -#}
{% macro mix_totals(counted, keys) -%}
select
    c.*,
    sum(c.recent) over (partition by {{ keys }}) as all_recent,
    sum(c.earlier) over (partition by {{ keys }}) as all_earlier
from {{ counted }} as c
{%- endmacro %}
