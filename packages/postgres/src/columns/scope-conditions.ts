/**
 * Selects the sources of a scope from `takings.sources`.
 * @param source a parameter such as `$4`: the name of a source, or `*`
 */
export function isChosenSource(source: string): string {
  return `(${source}::text = '*' or sources.name = ${source}::text)`;
}

/**
 * The condition on the rows of one row of `takings.sources` and of an account. Each source is read by itself, because the
 * indexes begin with the source. The planner sees the value of the parameter, so `*` costs nothing.
 * @param account a parameter such as `$3`: `*`, the id of an account, or the empty text for the platform. The platform may
 * also be named by its id.
 */
export function isInSource(account: string): string {
  return `source = sources.name and ${isChosenAccount(account)}`;
}

/** As {@link isInSource}, for rows that were joined with their source. */
export function isChosenAccount(account: string, column = "account"): string {
  return `(
    ${account}::text = '*'
    or ${column} = case when ${account}::text = sources.stripe_account_id then '' else ${account}::text end
  )`;
}

/**
 * The conditions on `source` and `account` of rows that are not read source by source, in the order of an index that does
 * not begin with the source.
 * @param platforms a parameter with the sources whose platform the account is, if there are any (`platformsOf`): the
 * planner uses no index of accounts where they are looked up in the same statement.
 */
export function isInAnySource(source: string, account: string, platforms: string | undefined): string {
  const isOfPlatform =
    platforms === undefined ? "" : `or account = '' and source = any (${platforms}::text[])`;
  return `(${source}::text = '*' or source = ${source}::text) and (
    ${account}::text = '*' or account = ${account}::text ${isOfPlatform}
  )`;
}
