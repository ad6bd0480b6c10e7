/**
 * An SQL condition on `account` in rows of several sources: `*` is all accounts, and the id of the Stripe account of a row's
 * source is the platform itself, whose account is the empty text in the table.
 * @param given a parameter such as `$3`
 */
export function accountCondition(given: string): string {
  return `(
    ${given}::text = '*'
    or account = case
      when source = any (array(select name from takings.sources where stripe_account_id = ${given}::text)) then ''
      else ${given}::text
    end
  )`;
}
