import { link } from "./links.ts";

/** Where a reader is: the path of a view, and its query. */
export type Place = { readonly path: string; readonly search: URLSearchParams };

/** A link to a view that lists something. */
export type PlaceLink = { readonly name: string; readonly href: string; readonly isCurrent: boolean };

const views = [
  { name: "Revenue", path: "/" },
  { name: "Ledger", path: "/ledger" },
  { name: "Payouts", path: "/payouts" },
  { name: "Balance", path: "/balance" },
  { name: "Events", path: "/events" },
  { name: "Gaps", path: "/gaps" },
] as const;

/** What all these views know: whose money is shown. */
const scope = ["source", "account", "livemode"];

/** The links between views. They keep whose money is shown, so that a reader does not get to someone else's unawares. */
export function places(current: Place | undefined): PlaceLink[] {
  const kept = new URLSearchParams([...(current?.search ?? [])].filter(([name]) => scope.includes(name)));
  return views.map(({ name, path }) => ({
    name,
    href: link(path, kept),
    isCurrent: path === current?.path,
  }));
}
