/** The parameters of a request; those that are undefined are left out. */
export type Parameters = { readonly [name: string]: string | number | boolean | undefined };

/** A response of revenue-query other than 200, or none: then `status` is 0 and `cause` says why. */
export class RevenueQueryError extends Error {
  override readonly name = "RevenueQueryError";
  readonly status: number;
  readonly body: string;
  constructor(url: string, status: number, body: string, options?: ErrorOptions) {
    super(`GET ${url} got ${status === 0 ? "no response" : `${status}: ${body}`}`, options);
    this.status = status;
    this.body = body;
  }
}

export type RevenueClientSettings = {
  /** The bearer token, where one is needed. */
  readonly token?: string | undefined;
  /** The source to ask for, in each request that names none; without it the default one. */
  readonly source?: string;
  readonly timeoutMs?: number;
};

const defaultTimeoutMs = 60_000;

/** Asks revenue-query. Every method rejects with a {@link RevenueQueryError} unless the response is 200. */
export type RevenueRequests = {
  get<T>(path: string, parameters?: Parameters): Promise<T>;
  /** The items of a list, page after page. @param list the name of the list in the response. */
  pages<T>(path: string, list: string, parameters: Parameters): AsyncGenerator<T>;
};

/** Requests to the revenue-query at `url`, such as `http://127.0.0.1:8081`. */
export function revenueRequests(url: string, settings: RevenueClientSettings = {}): RevenueRequests {
  const { token, source, timeoutMs = defaultTimeoutMs } = settings;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  async function get<T>(path: string, parameters: Parameters = {}): Promise<T> {
    const target = new URL(`${url}/v1/${path}`);
    const all: Parameters = { source, ...parameters };
    for (const [name, value] of Object.entries(all))
      if (value !== undefined) target.searchParams.set(name, String(value));
    const { status, body } = await fetchText(target, headers, timeoutMs);
    if (status !== 200) throw new RevenueQueryError(target.href, status, body);
    return JSON.parse(body) as T;
  }
  async function* pages<T>(path: string, list: string, parameters: Parameters): AsyncGenerator<T> {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: { [list: string]: unknown } = await get(path, { limit: 1000, ...parameters, cursor });
      yield* page[list] as T[];
      cursor = page["next_cursor"] as string | null;
    }
  }
  return { get, pages };
}

async function fetchText(
  url: URL,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    throw new RevenueQueryError(url.href, 0, "", { cause: error });
  }
}
