{% call journey() %}
journey: visits
owner: sales_lifecycle
purpose: sales
reentry: always
horizon: 6 hours
grace: 1 hour
max_steps: 6
steps:
  - {to: curious, when: quote_started, if: high_value, why: asked for much}
  - {from: [curious, keen], to: keen, when: quote_started, unless: open_case, why: asked again}
  - {from: keen, to: nudged, after: 30 minutes, do: sms_quote_reminder, why: thinks it over}
  - {from: any, to: gone, after: 3 hours, kind: exit, why: was not seen for long}
  - {from: [keen, nudged], to: bought, when: quote_submitted, kind: goal, why: submitted}
{% endcall %}
