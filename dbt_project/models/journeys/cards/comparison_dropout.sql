{% call journey() %}
journey: comparison_dropout
owner: sales_lifecycle
approvers: [sales_lifecycle, customer_marketing]
raci: {consulted: [consent, customer_marketing], informed: service_desk}
review_every: 90 days
needs:
  - {signal: comparison_asked, fresh_within: 4 hours}
  - {signal: product_viewed, fresh_within: 2 hours}
  - {field: email}
purpose: marketing
reentry: after_exit
cooldown: 7 days
horizon: 5 days
require_fresh: true                 # silence is not to be told from a late delivery
timezone: America/New_York
steps:
  - {to: comparing, when: comparison_asked, why: asked the chat to compare products}
  - {from: comparing, to: comparing, when: comparison_asked, why: asked again; the wait starts anew}
  - {from: comparing, to: followed_up, after: 45 minutes, unless: open_case, do: email_comparison, why: silent for 45 minutes after a comparison}
  - {from: followed_up, to: advised, after: 8 hours, at: "10:00", days: weekdays, unless: open_case, do: task_product_advice, within: 1 day, why: still silent the next working morning}
  - {from: comparing, to: went_on, when: product_viewed, kind: exit, why: went on looking without us}
  - {from: [followed_up, advised], to: came_back, when: product_viewed, kind: goal, why: looks at products again}
  - {from: any, to: asked_for_quote, when: quote_started, kind: goal, why: asked for a quote}
  - {from: any, to: bought, when: order_placed, kind: goal, why: bought something}
  - {from: any, to: exited, when: case_opened, kind: exit, why: an open case comes first}
{% endcall %}
