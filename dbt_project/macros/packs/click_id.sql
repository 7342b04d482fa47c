{#- The click on an advertisement that an address or its query names, as
    `<parameter>:<value>`; null without one. -#}
{% macro click_id(url) -%}
  case
      when regexp_matches({{ url }}, '[?&](gclid|fbclid|msclkid|ttclid)=[^&#]+')
          then
              regexp_extract({{ url }}, '[?&](gclid|fbclid|msclkid|ttclid)=', 1)
              || ':'
              || regexp_extract({{ url }}, '[?&](?:gclid|fbclid|msclkid|ttclid)=([^&#]+)', 1)
  end
{%- endmacro %}
