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
    'horizon', 'grace', 'max_steps', 'require_fresh'
] -%}
{%- set defaults = {
    'brand': 'main', 'reentry': 'never', 'grace': '7 days', 'max_steps': 50,
    'require_fresh': false
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
    {{ journey__text(step.get('to')) }} as to_step,
    {{ journey__text(step.get('when')) }} as signal,
    {{ journey__text(step.get('after')) }} as after_wait,
    {{ journey__text(step.get('do')) }} as action,
    {{ journey__text(step.get('if')) }} as wanted_guards,
    {{ journey__text(step.get('unless')) }} as unwanted_guards,
    {{ journey__text(step.get('id')) }} as explicit_id,
    {{ journey__text(step.get('why')) }} as why
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{%- endmacro %}

{#- The models a card names: its signals and guards, each once. -#}
{% macro journey__named(card) -%}
{%- set names = [] -%}
{%- for step in card['steps'] -%}
{%- for key in ['when', 'if', 'unless'] if step.get(key) -%}
{%- do names.extend([step[key]] if step[key] is string else step[key]) -%}
{%- endfor -%}
{%- endfor -%}
{{ return(names | unique | list) }}
{%- endmacro %}

{#- A value of a card as a text literal, lists joined by commas, none as null. -#}
{% macro journey__text(value) -%}
{%- if value is none -%}
cast(null as {{ dbt.type_string() }})
{%- else -%}
{%- set words = value if value is sequence and value is not string else [value] -%}
{%- set text = (words | join(', ')).split() | join(' ') -%}
{%- set text = text | lower if value is boolean else text -%}
cast({{ dbt.string_literal(dbt.escape_single_quotes(text)) }} as {{ dbt.type_string() }})
{%- endif -%}
{%- endmacro %}
