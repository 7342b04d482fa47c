{#- The first instant not before `moment` (UTC) at which it is `at_s` seconds
    after midnight in `zone` on an allowed day; `local_day` is the midnight of the
    first day there on which that time is not past. `day_offsets` holds, from Monday
    to Sunday, how many days it is to the next allowed one. A local time that the
    clocks skip is later by as much, one that comes twice is the second. -#}
{% macro next_local_time(zone, local_day, at_s, day_offsets) -%}
  {{ return(adapter.dispatch('next_local_time', 'baton')(
      zone, local_day, at_s, day_offsets
  )) }}
{%- endmacro %}

{% macro default__next_local_time(zone, local_day, at_s, day_offsets) -%}
  {%- set offset -%}
  86400 * cast(substr({{ day_offsets }}, {{ iso_weekday(local_day) }}, 1) as integer)
  {%- endset -%}
  {{ from_local_time(add_seconds(local_day, at_s ~ ' + ' ~ offset), zone) }}
{%- endmacro %}

{% macro to_local_time(moment, zone) -%}
  {{ return(adapter.dispatch('to_local_time', 'baton')(moment, zone)) }}
{%- endmacro %}

{% macro default__to_local_time(moment, zone) -%}
  timezone({{ zone }}, timezone('UTC', {{ moment }}))
{%- endmacro %}

{% macro from_local_time(moment, zone) -%}
  {{ return(adapter.dispatch('from_local_time', 'baton')(moment, zone)) }}
{%- endmacro %}

{% macro default__from_local_time(moment, zone) -%}
  timezone('UTC', timezone({{ zone }}, {{ moment }}))
{%- endmacro %}

{#- True where the text names a zone that the engine knows. -#}
{% macro is_time_zone(zone) -%}
  {{ return(adapter.dispatch('is_time_zone', 'baton')(zone)) }}
{%- endmacro %}

{% macro default__is_time_zone(zone) -%}
  {{ zone }} in (select z.name from pg_timezone_names() as z)
{%- endmacro %}

{#- The day of the week, Monday is 1. -#}
{% macro iso_weekday(day) -%}
  {{ return(adapter.dispatch('iso_weekday', 'baton')(day)) }}
{%- endmacro %}

{% macro default__iso_weekday(day) -%}
  cast(isodow({{ day }}) as integer)
{%- endmacro %}

{#- The instant at which a local day begins: of a midnight that comes twice the first. -#}
{% macro first_instant_of(midnight, zone) -%}
  {%- set instant = from_local_time(midnight, zone) -%}
  case
    {%- for repeated in ['60 minutes', '30 minutes'] %}
    when
      {{ to_local_time('(' ~ instant ~ " - interval '" ~ repeated ~ "')", zone) }}
      = {{ midnight }}
      then {{ instant }} - interval '{{ repeated }}'
    {%- endfor %}
    else {{ instant }}
  end
{%- endmacro %}
