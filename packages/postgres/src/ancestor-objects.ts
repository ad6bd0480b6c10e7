/**
 * The table expression `ancestor` of a `with recursive`: from each object asked for (ids, accounts and modes as `$1` to `$3`)
 * the rows of itself and of all that lead from it to the object that stands for its payment.
 */
// Each step looks its objects up one by one, in an index: that is what `offset 0` keeps. The planner cannot know how few
// they are, and would rather read whole tables.
export const ancestorsText = `
  ancestor as (
    select known.object_id as asked, known.*
    from unnest($1::text[], $2::text[], $3::boolean[]) as asked (object_id, account, livemode)
    cross join lateral (
      select object_id, account, livemode, belongs_to from takings.payment_objects as known
      where known.object_id = asked.object_id and known.account = asked.account and known.livemode = asked.livemode
      offset 0
    ) as known
    union
    select ancestor.asked, next.*
    from ancestor cross join lateral (
      select object_id, account, livemode, belongs_to from takings.payment_objects as next
      where next.object_id = ancestor.belongs_to and next.account = ancestor.account and next.livemode = ancestor.livemode
      offset 0
    ) as next
    where ancestor.belongs_to <> ancestor.object_id
  )`;
