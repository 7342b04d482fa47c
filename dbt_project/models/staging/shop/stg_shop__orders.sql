with source as (
    select
        *,
        {{ normalise_id('contact_id') }} as contact_key
    from {{ source('shop', 'orders') }}
)

select
    {{ baton_id('event', ["'shop.orders'", 'basket_id']) }} as event_id,
    basket_id,
    household_id,
    store_id,
    {{ node_id('crm_contact', 'contact_key') }} as node_id,
    items,
    amount,
    discount,
    least(ordered_at, _loaded_at) as occurred_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from source
