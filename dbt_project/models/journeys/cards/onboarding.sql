{% call journey() %}
journey: onboarding
owner: customer_marketing
raci: {consulted: consent, informed: [service_desk, sales_lifecycle]}
review_every: 90 days
needs:
  - {signal: order_placed, fresh_within: 1 day}
  - {field: email}
  - {field: country, fresh_within: 30 days}     # whose law says what consent rests on
purpose: marketing
reentry: never                      # the first order is heard, no later one
horizon: 30 days
timezone: America/New_York          # of customers whose own zone is not known
steps:
  - {to: bought, when: order_placed, why: placed the first order}
  - from: bought
    split: {welcomed_briefly: 50, welcomed_fully: 50}
    after: 1 hour
    at: "09:00"
    days: weekdays
    unless: open_case
    do: {welcomed_briefly: email_welcome_short, welcomed_fully: email_welcome_full}
    why: the working morning after the first order
  - {from: [welcomed_briefly, welcomed_fully], to: shown_around, after: 2 days, at: "09:00", days: weekdays, unless: open_case, do: email_good_to_know, on_block: exit, why: two days after the welcome}
  - {from: any, to: at_home, when: order_placed, kind: goal, why: ordered a second time}
  - {from: any, to: exited, when: case_opened, kind: exit, why: an open case comes first}
{% endcall %}
