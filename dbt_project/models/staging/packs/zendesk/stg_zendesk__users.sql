{{ config(enabled=pack_is_on('zendesk')) }}

{#- Agents and admins are users too, and no customers. -#}
with source as (
    select
        *,
        {{ normalise_id('id') }} as zendesk_key,
        {{ normalise_id('external_id') }} as user_key,
        _email_as_email as email_address,
        case when not coalesce(shared_phone_number, false) then _phone_as_phone end
            as phone_number
    from {{ source('zendesk', 'user') }}
)

select
    {{ baton_id('contact', ["'zendesk.user'", 'id']) }} as record_id,
    zendesk_key as zendesk_id,
    user_key as user_id,
    {{ node_id('zendesk_user', 'zendesk_key') }} as node_id,
    email_address as email,
    phone_number as phone,
    {{ language_code('locale') }} as language,
    coalesce(_fivetran_deleted, false) or not coalesce(active, true)
        as is_deleted,
    least(coalesce(updated_at, _fivetran_synced), _loaded_at) as occurred_at,
    _loaded_at as loaded_at,
    _loaded_seq as loaded_seq
from source
where coalesce(role, 'end-user') = 'end-user'
