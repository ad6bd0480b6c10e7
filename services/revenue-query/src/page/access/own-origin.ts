import type { Request } from "express";

/**
 * Whether a form was sent from a page of this origin, as far as the browser says where it was sent from. Behind a proxy that
 * changes `Host`, ours is known by the public URL only.
 */
export function isFromOwnOrigin(
  { headers }: Pick<Request, "headers">,
  publicUrl: string | undefined,
): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  if (headers.origin === undefined) return true;
  const origin = URL.parse(headers.origin);
  // Of other schemes, such as those of extensions, the origin is "null" whatever the host, and all would be equal.
  if (origin === null || !/^https?:$/.test(origin.protocol)) return false;
  const own = [`${origin.protocol}//${headers.host}`, publicUrl].map((url) => URL.parse(url ?? "")?.origin);
  return own.includes(origin.origin);
}
