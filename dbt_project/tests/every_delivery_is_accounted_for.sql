{#- Every source record is in exactly one place. -#}
select
    delivery,
    rows_read,
    rows_loaded,
    rows_duplicate,
    rows_quarantined,
    rows_erased
from {{ source('control', 'deliveries') }}
where
    rows_read
    <> rows_loaded + rows_unchanged + rows_duplicate + rows_quarantined + rows_erased
