{#- Pairs of which this window's own rows tell: records, decisions and proposals. -#}
{% macro told_pairs() -%}
select o.pair_key
from {{ ref('observations') }} as o
where {{ in_this_window('o.loaded_seq') }} and o.pair_key is not null
union
select d.pair_key
from {{ ref('int_identity__overrides') }} as d
where d.is_new
union
select p.pair_key
from {{ ref('int_identity__proposals') }} as p
where p.changed_window_id = {{ window_id() }}
{%- endmacro %}
