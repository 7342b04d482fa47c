{#- What consent rests on for each of `topics` (purpose, channel, country): the
    row of the policy that fits best, by country before channel. Without a row
    advertising needs consent, and the rest goes by contract. -#}
{% macro consent_bases(topics) -%}
with fitting as (
    select
        t.purpose,
        t.channel,
        t.country,
        r.basis,
        r.needs_double_opt_in,
        r.valid_for,
        row_number() over (
            partition by t.purpose, t.channel, t.country
            order by
                case when r.country is null then 1 else 0 end,
                case when r.channel is null then 1 else 0 end
        ) as fit
    from {{ topics }} as t
    left join {{ ref('stg_release__consent_basis') }} as r
        on
            t.purpose = r.purpose
            and coalesce(r.channel, t.channel) = t.channel
            and coalesce(r.country, t.country) = t.country
)

select
    purpose,
    channel,
    country,
    coalesce(basis, case
        when purpose in ('marketing', 'sales') then 'consent' else 'contract'
    end) as basis,
    coalesce(needs_double_opt_in, false) as needs_double_opt_in,
    valid_for
from fitting
where fit = 1
{%- endmacro %}
