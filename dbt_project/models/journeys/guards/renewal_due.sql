{#- A later version without a membership takes the earlier one back: its
    interval is empty. -#}
with versions as (
    select
        *,
        not is_deleted and member_until is not null as is_member
    from {{ ref('stg_crm__contacts') }}
)

select
    contact_id as subject_key,
    node_id,
    case
        when is_member
            then cast(member_until as timestamp) - interval '14 days'
        else occurred_at
    end as since,
    case
        when is_member then cast(member_until as timestamp)
        else occurred_at
    end as until,
    occurred_at as observed_at,
    loaded_at,
    loaded_seq
from versions
