import { expect } from "chai";
import { describe, it } from "mocha";
import type { Page } from "playwright-core";
import { openPage } from "./src/browser.ts";
import { shared } from "./src/shared.ts";

type Money = { readonly major: string };
type Total = { readonly currency: string } & Readonly<
  Record<"gross" | "refunded" | "disputed" | "net", Money>
>;
type Series = { readonly buckets: readonly { readonly totals: readonly Total[] }[] };

const fields = ["net", "gross", "refunded", "disputed"] as const;

const states = [
  "from=2026-10-01&to=2026-11-01&interval=day",
  "from=2026-09-01&to=2026-11-01&interval=week&timezone=Asia/Kolkata",
  "from=2026-09-01&to=2026-11-01&interval=month&timezone=America/New_York&currency=eur",
  "from=2026-10-05T12:30:00Z&to=2026-10-06T01:00:00%2B02:00&interval=hour",
  "from=2026-10-01&to=2026-11-01&interval=day&account=*&source=*",
] as const;

describe("sums on the screen", () => {
  for (const state of states) {
    it(`are those of the API: ${state}`, async () => {
      const { browser, installation } = shared();
      await using open = await openPage(browser);
      await open.page.goto(`${installation.url}/?${state}`);
      const { totals } = await installation.api<{ totals: Total[] }>(`/v1/revenue?${withoutInterval(state)}`);
      const { buckets } = await installation.api<Series>(`/v1/revenue/series?${state}`);
      expect(totals).to.not.deep.equal([]);
      expect(await shown(open.page, ".totals table:first-of-type")).to.include.members(texts(totals));
      expect(await shown(open.page, ".breakdown")).to.have.members(
        texts(buckets.flatMap((bucket) => bucket.totals)),
      );
    });
  }

  it("are those of the API as they were recorded earlier", async () => {
    const { browser, installation } = shared();
    await using open = await openPage(browser);
    const recorded = `as_recorded_at=${encodeURIComponent(installation.before)}`;
    const query = `from=2026-10-01&to=2026-11-01&${recorded}`;
    await open.page.goto(`${installation.url}/?${query}`);
    const { totals } = await installation.api<{ totals: Total[] }>(`/v1/revenue?${query}`);
    expect(await shown(open.page, ".totals")).to.include.members(texts(totals));
  });
});

function withoutInterval(state: string): string {
  const query = new URLSearchParams(state);
  query.delete("interval");
  return query.toString();
}

function texts(totals: readonly Total[]): string[] {
  return totals.flatMap((total) => fields.map((field) => `${total.currency} ${field} ${total[field].major}`));
}

/** The amounts that are seen within a part of the page. */
function shown(page: Page, selector: string): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const all = [...document.querySelectorAll(${JSON.stringify(`${selector} data`)})].filter((one) => one.checkVisibility());
    return all.map((one) => one.dataset.currency + " " + one.dataset.field + " " + one.value);
  })()`);
}
