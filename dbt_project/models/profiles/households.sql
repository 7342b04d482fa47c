{{ config(materialized='view', tags=['view']) }}

with orders as (
    select * from {{ ref('stg_shop__orders') }}
),

members as (
    select
        household_id,
        count(*) as member_count
    from {{ ref('int_profiles__customers') }}
    where is_current and household_id is not null
    group by household_id
),

bought as (
    select
        household_id,
        count(*) as order_count,
        sum(amount) as amount,
        min(occurred_at) as first_order_at,
        max(occurred_at) as last_order_at
    from orders
    group by household_id
)

select
    b.household_id,
    coalesce(m.member_count, 0) as member_count,
    b.order_count,
    b.amount,
    b.first_order_at,
    b.last_order_at
from bought as b
left join members as m
    on b.household_id = m.household_id
