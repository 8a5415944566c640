with recursive tree as (

    select id, name, id as root_id, name as root_name, cast(name as varchar(200)) as path, 1 as depth
    from {{ ref('stg_categories') }}
    where parent_id is null

    union all

    select
        child.id,
        child.name,
        tree.root_id,
        tree.root_name,
        cast(tree.path || ' > ' || child.name as varchar(200)),
        tree.depth + 1
    from {{ ref('stg_categories') }} as child
    join tree on tree.id = child.parent_id

)

select id as category_id, name, root_id, root_name, path, depth from tree
