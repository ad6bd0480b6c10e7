import { type Browser, chromium } from "playwright-core";
import { findChromium } from "@takings/browser-tests";
import { loadLedger, loadedTime, requireRoomFor } from "./load-ledger.ts";
import { startRevenueService } from "./revenue-service.ts";
import { type Measurement, median, quantile } from "./statistics.ts";
import { startTemporaryPostgres } from "./temporary-postgres.ts";

/** What the page is measured with. */
export type PageBenchOptions = {
  /** Size of the ledger behind it. */
  readonly entries: number;
  /** Receives progress messages. */
  readonly say: (line: string) => void;
};

const warmUp = 20;
const requests = 100;
const paints = 40;
const slowdown = 4;

/**
 * Measures how soon a browser on a slow processor shows the overview of a month, and what rendering costs beside the same queries
 * of the API.
 */
export async function benchPage({ entries, say }: PageBenchOptions): Promise<readonly Measurement[]> {
  const executablePath = findChromium(process.env);
  if (executablePath === undefined) throw new Error("no Chromium on the PATH or in CHROMIUM");
  await requireRoomFor(entries);
  await using postgres = await startTemporaryPostgres();
  await loadLedger(postgres.superuserUrl, { present: 0, until: entries }, say);
  await using service = await startRevenueService(postgres.readerUrl);
  say("measuring the server");
  const [page, rendering]: [number[], number[]] = [[], []];
  for (let n = 0; n < warmUp + requests; n += 1) {
    const { ms, databaseMs } = await service.request(overviewOfMonth(n));
    if (databaseMs === undefined) throw new Error("the page does not say how long the database took");
    if (n < warmUp) continue;
    page.push(ms);
    rendering.push(ms - databaseMs);
  }
  say(`measuring the browser, its processor slowed down ${slowdown} times`);
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  // A browser that has just been started loads fonts and graphics with its first page, whatever that is.
  const ofNewBrowser = await firstContentfulPaint(browser, service.url + overviewOfMonth(0));
  const firstPaints: number[] = [];
  for (let n = 1; n <= paints; n += 1) {
    firstPaints.push(await firstContentfulPaint(browser, service.url + overviewOfMonth(n)));
  }
  await browser.close();
  return [
    ...spread("page", page),
    ...spread("page_rendering", rendering),
    ...spread("page_first_contentful_paint", firstPaints),
    { name: "page_first_contentful_paint_of_new_browser_ms", value: ofNewBrowser, unit: "ms" },
  ];
}

const months = 60;

/** The overview of one of the months of the ledger, a day per bar. */
function overviewOfMonth(n: number): string {
  const start = new Date(loadedTime.from);
  start.setUTCMonth(start.getUTCMonth() + ((n * 7) % months));
  const end = new Date(start);
  end.setUTCMonth(end.getUTCMonth() + 1);
  const day = (moment: Date): string => moment.toISOString().slice(0, 10);
  return `/?${new URLSearchParams({ from: day(start), to: day(end), interval: "day" }).toString()}`;
}

/** Milliseconds until a browser that has nothing cached shows something of the page. */
async function firstContentfulPaint(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await page.goto(url);
  const ms = await page.evaluate<number>(`new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      const [paint] = list.getEntriesByName("first-contentful-paint");
      if (paint !== undefined) resolve(paint.startTime);
    });
    observer.observe({ type: "paint", buffered: true });
  })`);
  await context.close();
  return ms;
}

function spread(name: string, times: readonly number[]): Measurement[] {
  return [
    { name: `${name}_median_ms`, value: median(times), unit: "ms" },
    { name: `${name}_p95_ms`, value: quantile(times, 0.95), unit: "ms" },
  ];
}
