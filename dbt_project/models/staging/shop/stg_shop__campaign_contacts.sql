select
    campaign_id,
    household_id,
    campaign_type,
    start_date,
    end_date,
    _loaded_seq as loaded_seq,
    _provenance as provenance
from {{ source('shop', 'campaign_contacts') }}
