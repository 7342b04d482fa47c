select *
from {{ ref('exposures') }}
where
    not is_contaminated
    and is_counterfactual <> (arm = 'control')
