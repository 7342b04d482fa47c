{#- To be put behind a select: the rows of one kind of every active pack, by `union
    all`, those that meet the condition `bound` where there is one. Nothing while no
    pack is on. The columns are what a pack's `stg_<pack>__<kind>` promises. -#}
{% macro union_packs(kind, bound=none) -%}
  {%- for pack, kinds in active_packs().items() if kind in kinds %}
union all
select
    {{ pack_columns(kind) | join(',\n    ') }}
from {{ ref('stg_' ~ pack ~ '__' ~ kind) }}
    {%- if bound %}
where {{ bound }}
    {%- endif %}
  {%- endfor %}
{%- endmacro %}

{% macro pack_columns(kind) -%}
  {{ return({
      'observations': [
          'record_id', 'source_model', 'node_type', 'node_value', 'node_id',
          'hub_node_id', 'observed_at', 'loaded_seq'
      ],
      'field_values': [
          'source', 'node_id', 'field', 'value', 'is_deleted', 'observed_at',
          'loaded_seq'
      ],
      'flags': [
          'contact_id', 'node_id', 'do_not_contact', 'is_deceased',
          'email_opt_out', 'sms_opt_out', 'occurred_at', 'loaded_at',
          'loaded_seq'
      ],
      'receipts': [
          'event_id', 'receipt_id', 'provider', 'message_id', 'channel',
          'address', 'node_id', 'status', 'reason', 'suppressed_until',
          'occurred_at', 'loaded_at', 'loaded_seq', 'provenance'
      ],
      'cases': [
          'record_id', 'case_id', 'node_id', 'contact_id', 'email', 'phone',
          'topic', 'status', 'priority', 'opened_at', 'closed_at',
          'occurred_at', 'is_deleted', 'loaded_at', 'loaded_seq', 'provenance'
      ],
      'messages': [
          'event_id', 'record_id', 'conversation_id', 'author', 'intent',
          'text', 'properties', 'node_id', 'contact_id', 'email',
          'anonymous_id', 'occurred_at', 'loaded_at', 'loaded_seq',
          'provenance'
      ],
      'events': [
          'event_id', 'record_id', 'source_event_id', 'event_type', 'node_id',
          'user_id', 'email', 'anonymous_id', 'properties', 'occurred_at',
          'received_at', 'loaded_at', 'loaded_seq', 'provenance'
      ],
      'merges': [
          'source', 'told_by', 'node_id', 'merged_node_id', 'occurred_at',
          'loaded_seq'
      ]
  }[kind]) }}
{%- endmacro %}
