import type { HttpProblem } from "../../http/http-problem.ts";
import { momentOf } from "../../time/instant-text.ts";
import { type Html, html } from "../html.ts";
import { relink } from "../links.ts";
import { gapsWarning, quarantineWarning } from "../overview/attention.ts";
import { breakdownTable } from "../overview/breakdown.ts";
import { bucketLabels } from "../overview/bucket-label.ts";
import { chart } from "../overview/chart.ts";
import { fresh } from "../overview/fresh.ts";
import { defaultInterval, longerInterval, maxShownBuckets, maxShownRows } from "../overview/interval.ts";
import { overviewForm } from "../overview/overview-form.ts";
import { type OverviewQuery, pick, readOverviewQuery } from "../overview/overview-query.ts";
import { balanceSection, payoutsSection } from "../overview/payouts-section.ts";
import { periodOf } from "../overview/period.ts";
import { nameOf, neighbours, periodLink, presets } from "../overview/presets.ts";
import { type Overview, readOverview } from "../overview/read-overview.ts";
import { withDayAdvice } from "../overview/recorded-days.ts";
import { changesSinceSection, recordedNotice, reportedAs } from "../overview/time-travel.ts";
import { type Comparison, settlementTable, totalsTable } from "../overview/totals.ts";
import { exportsNav } from "../parts/exports.ts";
import { filterText } from "../parts/filter-text.ts";
import { fold } from "../parts/fold.ts";
import { isRefusedQuery } from "../parts/refused-query.ts";
import type { View, ViewRequest, ViewResult } from "../view.ts";

/** `/`: the money at a glance. */
export const overviewView: View = {
  path: "/",
  async show(request) {
    try {
      const query = readOverviewQuery(request.search, request.now);
      return shown(request, query, await readOverview(request.api, query));
    } catch (error) {
      if (!isRefusedQuery(error)) throw error;
      return refused(request, error);
    }
  },
};

/** The form with what is wrong, and nothing that would need what is wrong. */
function refused({ search }: ViewRequest, { message, errors, status }: HttpProblem): ViewResult {
  return {
    title: "Revenue",
    status,
    main: html`<h1>Revenue</h1>
<p class="error" role="alert">${errors === undefined ? message : "This cannot be shown: see what is wrong below."}</p>
${overviewForm(search, withDayAdvice(errors, ["as_recorded_at"]))}
<p><a href="/">The current month</a></p>`,
  };
}

function shown(request: ViewRequest, query: OverviewQuery, overview: Overview): ViewResult {
  const { search, formats, now } = request;
  const { revenue, newest, changes, gaps, quarantined } = overview;
  const { zone, filter } = query;
  const isCurrent = query.recordedAt === undefined;
  const caption = captionOf(overview, request);
  const choices = { search, query, now };
  const name = rangeName(query);
  const place = pick(search, ["account", "livemode", "source"]);
  return {
    title: `Revenue, ${name}`,
    isLive: isCurrent,
    main: html`<h1>Revenue, ${name}</h1>
${fresh({ revenue, newest, zone, isCurrent, now, formats })}
${!isCurrent && recordedNotice(search, revenue.as_of, zone, formats)}
${fold("Other ranges", html`${presets(choices)}\n${neighbours(choices)}\n${reportedAs(search, query, now)}`)}
<details class="screen-only">
<summary>Range and filter</summary>
${overviewForm(search)}
</details>
<section class="totals" aria-labelledby="totals">
<h2 id="totals">Totals</h2>
${totalsTable({ totals: revenue.totals, comparison: comparisonOf(overview, request), caption, zone, formats })}
${revenue.settlement !== null && settlementTable(revenue.settlement, { caption: html`Settled: ${caption}`, zone, formats })}
${exportsNav({ path: "/revenue", search: new URLSearchParams(filter), asOf: revenue.as_of, part: "the totals" })}
</section>
${quarantined !== undefined && quarantineWarning(quarantined, pick(search, ["account", "source"]), formats)}
${gaps !== undefined && gapsWarning(gaps, place, formats)}
${changes !== undefined && changesSinceSection({ changes, filter, zone, formats })}
${seriesSection(overview, caption, request)}
${payoutsSection({ payouts: overview.payouts, search: payoutsSearch(overview, search), formats })}
${balanceSection(overview.balance, formats)}`,
  };
}

/** The filter in words, which a printed table needs. */
function captionOf({ query, revenue }: Overview, { formats }: ViewRequest): Html {
  const search = new URLSearchParams(query.filter);
  if (query.recordedAt !== undefined) search.set("as_recorded_at", revenue.as_of);
  return filterText({ search, formats, livemode: revenue.livemode, account: revenue.account });
}

function rangeName({ range, zone, filter }: OverviewQuery): string {
  const period = periodOf(range);
  if (period !== undefined) return nameOf(period, zone);
  const [from, to] = [filter["from"], filter["to"]];
  if (from !== undefined && to !== undefined) return "an empty range";
  if (from !== undefined) return `from ${from} on`;
  return to === undefined ? "all time" : `until ${to}`;
}

function comparisonOf(
  { compared, query }: Overview,
  { search, now, formats }: ViewRequest,
): Comparison | undefined {
  if (compared === undefined) return undefined;
  const { period, whole, totals } = compared;
  const { zone } = query;
  const name = nameOf(whole, zone);
  const isPart = !whole.to.equals(period.to);
  return {
    totals,
    href: periodLink({ search, query, now }, period),
    name: isPart ? html`${name} up to ${formats.instant(momentOf(period.to), zone)}` : name,
  };
}

function seriesSection(overview: Overview, caption: Html, request: ViewRequest): Html {
  const { query, series, revenue } = overview;
  const { formats } = request;
  const rows = series.buckets.reduce((sum, { totals }) => sum + totals.length, 0);
  const isShown = series.buckets.length <= maxShownBuckets && rows <= maxShownRows;
  const labels = isShown ? bucketLabels(series) : [];
  return html`<section aria-labelledby="series">
<h2 id="series">Per ${series.interval}</h2>
${
  isShown
    ? html`${revenue.totals.map((total) => chart({ total, series, labels, formats }))}
${breakdownTable({ series, labels, caption, formats })}`
    : tooMany(overview, rows, request)
}
${exportsNav({
  path: "/revenue/series",
  search: new URLSearchParams({ ...query.filter, interval: series.interval }),
  asOf: revenue.as_of,
})}
</section>`;
}

/** Says that a series is too long to show, and leads to one that is not. */
function tooMany(
  { query, series, revenue }: Overview,
  rows: number,
  { search, formats, now }: ViewRequest,
): Html {
  const { interval } = series;
  const size = { buckets: series.buckets.length, currencies: Math.max(1, revenue.totals.length) };
  const longer = longerInterval(interval, size);
  const what =
    size.buckets > maxShownBuckets
      ? `This range has ${formats.count(size.buckets)} ${interval}s`
      : `This range has ${formats.count(rows)} rows of a ${interval} and a currency`;
  if (longer === undefined) {
    return html`<p class="notice">${what}, too many to show: choose a shorter range or one currency, or download them all.</p>`;
  }
  const isDefault = longer === defaultInterval(query.range, now);
  const fitting = relink("/", search, { interval: isDefault ? undefined : longer });
  return html`<p class="notice">${what}, too many to show: choose a longer interval, such as <a href="${fitting}">per ${longer}</a>, or one currency, or download them all.</p>`;
}

/** The query of the view of these payouts. */
function payoutsSearch({ payouts, query, revenue }: Overview, search: URLSearchParams): URLSearchParams {
  return new URLSearchParams({
    ...pick(search, ["timezone", "currency", "account", "livemode", "source"]),
    ...payouts.range,
    ...(query.recordedAt !== undefined && { as_recorded_at: revenue.as_of }),
  });
}
