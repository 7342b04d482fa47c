{{ config(materialized='table') }}

select distinct node_seq
from {{ source('control', 'loosened_nodes') }}
where
    after_seq >= {{ window_value('from_seq') }}
    and after_seq < {{ window_value('to_seq') }}
