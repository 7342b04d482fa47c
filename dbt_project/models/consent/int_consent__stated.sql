{{ config(materialized='view', tags=['view']) }}

{#- Every path on which somebody says yes or no ends here: a new one is one more
    name in the list. What is said of all channels is said of each. -#}
with stated as (
    {{ union_statements([
        'stg_consent__statements',
        'int_consent__crm_opt_outs',
        'stg_messaging__unsubscribes',
        'stg_chat__opt_outs',
        'stg_service__opt_outs',
        'stg_journal__statements',
    ]) | indent(4) }}
),

channels as (
    select
        'all' as said,
        'email' as meant
    union all
    select
        'all' as said,
        'sms' as meant
),

spread as (
    select
        s.*,
        s.channel = 'all' as is_of_all_channels,
        coalesce(c.meant, s.channel) as one_channel,
        case coalesce(c.meant, s.channel)
            when 'email' then s.email
            when 'sms' then s.phone
        end as address
    from stated as s
    left join channels as c
        on s.channel = c.said
),

placed as (
    select
        *,
        case
            when not is_of_all_channels then names_address
            when contact_point_id is null then address is not null
            else
                contact_point_id
                = {{ baton_id('contact_point', ['one_channel', 'node_id']) }}
        end as is_of_address,
        case one_channel
            when 'email' then {{ node_id('email', 'address') }}
            when 'sms' then {{ node_id('phone', 'address') }}
        end as address_node_id
    from spread
)

select
    case
        when is_of_all_channels
            then {{ baton_id('statement', ['statement_id', 'one_channel']) }}
        else statement_id
    end as statement_id,
    node_id,
    case
        when not is_of_address then null
        when contact_point_id is not null then contact_point_id
        when address_node_id is not null
            then {{ baton_id('contact_point', ['one_channel', 'address_node_id']) }}
    end as contact_point_id,
    is_of_address as names_address,
    address,
    one_channel as channel,
    purpose,
    brand,
    is_granted,
    is_confirmed,
    occurred_at as stated_at,
    case when is_granted then valid_until end as valid_until,
    origin,
    proof,
    loaded_at,
    loaded_seq
from placed
