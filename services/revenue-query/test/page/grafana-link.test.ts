import { expect } from "chai";
import { describe, it } from "mocha";
import { grafanaLink } from "../../src/page/parts/grafana-link.ts";

describe("the link to Grafana", () => {
  it("leads to the dashboards of Takings, and does not say from where", async () => {
    const link = String(await grafanaLink("https://example.com/grafana/"));
    expect(link).to.include('href="https://example.com/grafana/dashboards?tag=takings" rel="noreferrer"');
  });

  it("is not there where Grafana's URL is not set", () => {
    expect(grafanaLink(undefined)).to.equal(undefined);
  });
});
