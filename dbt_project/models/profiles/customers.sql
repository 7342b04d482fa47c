select
    person_id,
    person_short,
    first_name,
    last_name,
    email,
    phone,
    household_id,
    country,
    timezone,
    timezone_source,
    language,
    identifier_count,
    first_seen_at
from {{ ref('int_profiles__customers') }}
where is_current
