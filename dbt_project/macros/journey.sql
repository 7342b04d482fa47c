{#- One row per step of a card, for reading and for lineage. What runs is the
    release, compiled from the same text by `baton release`; what is wrong with
    a card is said, with line and mend, by `baton check`. -#}
{% macro journey() -%}
{%- set card = fromyaml(caller()) -%}
{%- if card is not mapping or card.get('steps') is not sequence -%}
    {{ exceptions.raise_compiler_error(
        'This card cannot be read. `baton check` says what to mend.'
    ) }}
{%- endif -%}
{%- set head = [
    'journey', 'owner', 'purpose', 'brand', 'key', 'reentry', 'cooldown',
    'horizon', 'grace', 'max_steps', 'require_fresh', 'timezone', 'migrate'
] -%}
{%- set defaults = {
    'brand': 'main', 'reentry': 'never', 'grace': '7 days', 'max_steps': 50,
    'require_fresh': false, 'timezone': 'UTC'
} -%}
{%- set columns = {
    'when': 'signal', 'enters': 'guard_entered', 'leaves': 'guard_left',
    'after': 'after_wait', 'at': 'at_time', 'days': 'on_days',
    'do': 'action', 'on_block': 'on_block', 'owner': 'hand_over_owner',
    'within': 'service_level', 'if': 'wanted_guards', 'unless': 'unwanted_guards',
    'id': 'explicit_id', 'why': 'why'
} -%}
{%- for name in journey__named(card) %}
-- depends_on: {{ ref(name) }}
{%- endfor %}
{%- for step in card['steps'] %}
select
    {%- for column in head %}
    {{ journey__text(card.get(column, defaults.get(column))) }} as {{ column }},
    {%- endfor %}
    {{ loop.index }} as step_no,
    {{ journey__text(step.get('kind', 'step') if 'from' in step else 'enter') }} as kind,
    {{ journey__text(step.get('from')) }} as from_step,
    {{ journey__text(step.get('to', step.get('split', {}).keys() | list)) }}
        as to_step,
    {{ journey__text(step.get('split')) }} as split
    {%- for key, column in columns.items() %},
    {{ journey__text(step.get(key)) }} as {{ column }}
    {%- endfor %}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}

{#- The models a card names: its signals and guards, each once. -#}
{% macro journey__named(card) -%}
{%- set names = [] -%}
{%- for step in card['steps'] -%}
{%- for key in ['when', 'if', 'unless', 'enters', 'leaves'] if step.get(key) -%}
{%- do names.extend([step[key]] if step[key] is string else step[key]) -%}
{%- endfor -%}
{%- endfor -%}
{{ return(names | unique | list) }}
{%- endmacro %}

{#- A value of a card as a text literal, lists joined by commas, mappings as
    `a: 50, b: 50`, none as null. -#}
{% macro journey__text(value) -%}
{%- if value is none -%}
cast(null as {{ dbt.type_string() }})
{%- else -%}
{%- if value is mapping -%}
{%- set words = value.items() | map('join', ': ') -%}
{%- else -%}
{%- set words = value if value is sequence and value is not string else [value] -%}
{%- endif -%}
{%- set text = (words | join(', ')).split() | join(' ') -%}
{%- set text = text | lower if value is boolean else text -%}
cast({{ dbt.string_literal(dbt.escape_single_quotes(text)) }} as {{ dbt.type_string() }})
{%- endif -%}
{%- endmacro %}
