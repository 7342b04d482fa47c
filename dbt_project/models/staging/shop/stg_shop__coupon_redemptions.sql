select
    redemption_id,
    household_id,
    coupon_upc,
    campaign_id,
    redeemed_on,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from {{ source('shop', 'coupon_redemptions') }}
