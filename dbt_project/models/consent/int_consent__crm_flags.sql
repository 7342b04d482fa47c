{{ config(materialized='view', tags=['view']) }}

{#- What is on record from before this window, and what this window brings: it is heard
    before the window is built, so that nothing is sent meanwhile. -#}
with news as (
    {{ changed_flags(
        in_this_window(), known=ref('int_consent__signs')
    ) | indent(4) }}
)

select
    node_id,
    sign as flag,
    is_set,
    statement_id,
    occurred_at,
    loaded_at,
    loaded_seq
from {{ ref('int_consent__signs') }}
where
    sign in ('{{ crm_flags() | join("', '") }}')
    and loaded_seq <= {{ window_value('from_seq') }}
union all
select
    node_id,
    flag,
    is_set,
    statement_id,
    occurred_at,
    loaded_at,
    loaded_seq
from news
