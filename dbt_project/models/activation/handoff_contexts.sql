{{ config(materialized='view', tags=['view']) }}

with {{ contexts_of() }}

select * from contexts
