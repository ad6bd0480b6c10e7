import { expect } from "chai";
import { describe, it } from "mocha";
import { dashboards } from "../src/monitoring/dashboards.ts";
import { selectorsOf } from "../src/monitoring/namespace-selectors.ts";

type Target = {
  readonly datasource: { readonly uid: string };
  readonly expr?: string;
  readonly exemplar?: boolean;
};
type Panel = {
  readonly id?: number;
  readonly title?: string;
  readonly type: string;
  readonly collapsed?: boolean;
  readonly targets?: readonly Target[];
  readonly panels?: readonly Panel[];
};
type Variable = {
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly hide?: number;
  readonly current?: { readonly value: string };
};

for (const [name, built] of Object.entries(dashboards())) {
  const text = JSON.stringify(built);
  const board: { panels: Panel[]; templating: { list: Variable[] } } = JSON.parse(text);
  const withInner = (panel: Panel): readonly Panel[] => [panel, ...(panel.panels ?? [])];
  const panels = board.panels.flatMap(withInner);
  const targets = panels.flatMap((panel) => panel.targets ?? []);
  const variables = board.templating.list;
  const isOfTempo = (expr: string): boolean => expr.includes("traces_");

  describe(`the dashboard ${name}`, () => {
    it("has a different id for each panel and row", () => {
      const ids = panels.map(({ id }) => id);
      expect(ids).to.deep.equal(ids.map((_, index) => index + 1));
    });

    it("defines each variable that it uses", () => {
      const builtIn = /^(?:__\w+|name)$/;
      const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, variable = ""]) => variable);
      const needed = [...new Set(used)].filter((variable) => !builtIn.test(variable));
      expect(variables.map((variable) => variable.name)).to.include.members(needed);
    });

    it("takes the provisioned data sources unless others are chosen", () => {
      for (const variable of variables.filter(({ type }) => type === "datasource"))
        expect(variable.current?.value).to.equal(variable.name);
    });

    it("has no links to Explore by the deprecated parameter left, and none to hosts but that of the page", () => {
      const links = text.replaceAll("http://127.0.0.1:8081", "");
      expect(links).to.not.match(/explore\?|[?&]left=|https?:\/\//);
    });

    it("selects by the chosen namespaces in every query, except of the series of Tempo", () => {
      for (const expr of targets.flatMap((target) => (target.expr ? [target.expr] : []))) {
        const isLogQuery = expr.includes("|=");
        if (isLogQuery || isOfTempo(expr)) continue;
        const parsed = expr.replaceAll("$__rate_interval", "5m");
        for (const { matchers } of selectorsOf(parsed))
          expect(matchers, expr).to.include('namespace=~"$namespace"');
      }
    });

    it("selects Tempo's series by the services of the product", () => {
      for (const { expr = "" } of targets.filter((target) => isOfTempo(target.expr ?? "")))
        for (const { matchers } of selectorsOf(expr.replaceAll("$__rate_interval", "5m")))
          expect(matchers.join(), expr).to.match(
            /\b(?:service|client|server)=~"ingress\|consumer\|revenue-query"/,
          );
    });

    it("asks for exemplars exactly where a histogram has them", () => {
      for (const { expr = "", exemplar } of targets)
        expect(exemplar === true, expr).to.equal(
          /takings_(?:webhook_duration|event_freshness)_seconds_bucket/.test(expr),
        );
    });

    it("uses Loki, which is optional, only in closed rows and without a visible variable", () => {
      const open = board.panels.flatMap((panel) => panel.targets ?? []);
      expect(open.filter(({ datasource }) => datasource.uid === "${loki}")).to.deep.equal([]);
      for (const panel of board.panels.filter(({ panels: inner = [] }) => inner.length > 0))
        expect(panel.collapsed, panel.title).to.equal(true);
      for (const { hide } of variables.filter((variable) => variable.name === "loki"))
        expect(hide).to.equal(2);
    });
  });
}

describe("the links to the page", () => {
  const linksOf = (name: string): { title: string; url?: string }[] =>
    JSON.parse(JSON.stringify(dashboards()[name])).links;
  const url = linksOf("takings").find(({ title }) => title === "Revenue on the page")?.url ?? "";
  const given: Readonly<Record<string, string>> = {
    "page:raw": "https://takings.example.com",
    "source:percentencode": "default",
    "livemode:percentencode": "true",
    "account:percentencode": "",
    "__from:date:iso": "2026-11-01T00:00:00.000Z",
    "__to:date:iso": "2026-11-02T00:00:00.000Z",
  };

  it("lead to the view of what the dashboard shows", () => {
    const opened = new URL(url.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => given[name] ?? `?${name}`));
    expect(opened.origin + opened.pathname).to.equal("https://takings.example.com/");
    expect(Object.fromEntries(opened.searchParams)).to.deep.equal({
      source: "default",
      livemode: "true",
      account: "",
      from: "2026-11-01T00:00:00.000Z",
      to: "2026-11-02T00:00:00.000Z",
    });
  });

  it("are on every dashboard about money", () => {
    const titles = (name: string): string[] => linksOf(name).map(({ title }) => title);
    expect(titles("takings")).to.include("Revenue on the page");
    expect(titles("balance")).to.include.members(["Balance on the page", "Payouts on the page"]);
  });
});

describe("the link of an event id", () => {
  const { overrides } = JSON.parse(JSON.stringify(dashboards()["takings"])).panels.find(
    ({ title }: Panel) => title === "Quarantined events",
  ).fieldConfig;
  const [{ url }] = overrides[0].properties[0].value;
  const parameters = String(url).split("?")[1]?.split("&");

  it("opens the row Event lookup of this dashboard", () => {
    expect(url).to.match(/^\/d\/takings\?/);
    expect(parameters?.at(-1)).to.equal("var-event_id=${__value.raw}");
  });

  it("keeps the time range and every other variable, each once", () => {
    const others = dashboards()["takings"]?.templating?.list?.map(({ name }) => name) ?? [];
    const kept = others.filter((name) => name !== "event_id").map((name) => `\${${name}:queryparam}`);
    expect(parameters?.slice(0, -1)).to.have.members(["${__url_time_range}", ...kept]);
  });
});
