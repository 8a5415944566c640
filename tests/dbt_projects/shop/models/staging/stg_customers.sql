with source as (

    select * from {{ source('shop_db', 'customers') }}

),

renamed as (

    select
        id as customer_id,
        {{ tidy.clean('full_name') }} as customer_name,
        lower(trim(email)) as email,
        phone,
        country_code,
        referrer_id as referred_by,
        signed_up_at,
        cast(signed_up_at as date) as signed_up_on,
        not is_blocked as is_active,
        changed_at
    from source

)

select * from renamed
