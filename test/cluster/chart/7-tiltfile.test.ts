import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { isInstalled } from "../src/run-program.ts";
import { brokenTiltfiles, withBrokenTiltfile } from "../src/tilt/broken-tiltfiles.ts";
import { faultsOf } from "../src/tilt/faults.ts";
import { loadTiltfile, type Tilt } from "../src/tilt/load-tiltfile.ts";

const file = join(projectRoot(), "Tiltfile");

if (await isInstalled("python3"))
  describe("the Tiltfile", function () {
    this.timeout(60_000);
    let tilt: Tilt;
    before(async () => {
      tilt = await loadTiltfile(file);
    });
    const resource = (name: string): Tilt["resources"][number] | undefined =>
      tilt.resources.find((one) => one.name === name);

    it("is loaded, and everything that it deploys comes up in its namespace and in its order", () => {
      expect(faultsOf(tilt)).to.deep.equal([]);
    });

    it("groups the objects of a service, with its autoscaler", () => {
      const kinds = (name: string): string[] | undefined => resource(name)?.objects.map(({ kind }) => kind);
      expect(kinds("takings-consumer")).to.deep.equal(["Deployment", "Service", "ScaledObject"]);
      expect(kinds("takings-ingress")).to.deep.equal(["Deployment", "Service", "Service"]);
      expect(kinds("takings-migrate")).to.deep.equal(["Job"]);
    });

    it("deploys every workload from the image that it builds", () => {
      for (const { name, objects, images } of tilt.resources)
        if (objects.length > 0) expect(images, name).to.deep.equal(["takings"]);
    });

    it("forwards to ports that the containers have", () => {
      for (const { name, objects, portForwards } of tilt.resources)
        for (const forward of portForwards) {
          const ports = objects[0]?.spec.template.spec.containers[0].ports;
          expect(ports, name).to.deep.include({
            name: "http",
            containerPort: Number(forward.split(":").at(-1)),
          });
        }
    });

    it("links to the page for people at a port that it forwards", () => {
      const { links = [], portForwards = [] } = resource("takings-revenue-query") ?? {};
      const page = links.map((link) => new URL(link)).find(({ pathname }) => pathname === "/");
      expect(portForwards.map((forward) => forward.split(":")[0])).to.include(page?.port);
    });

    it("links to the traces with the present form of Grafana's URL and a data source that exists", () => {
      const links = resource("stack")?.links ?? [];
      const explore = links.map((link) => new URL(link)).find(({ pathname }) => pathname === "/explore");
      const panes = JSON.parse(explore?.searchParams.get("panes") ?? "");
      const sources = readFileSync(
        join(projectRoot(), "charts/takings-stack/files/grafana-datasources.yaml"),
        "utf8",
      );
      expect(explore?.searchParams.get("schemaVersion")).to.equal("1");
      expect(sources).to.include(`uid: ${panes.trc.datasource}\n`);
    });
  });

if (await isInstalled("python3"))
  describe("a Tiltfile that Tilt would refuse, or that would not come up, is found:", function () {
    this.timeout(60_000);
    for (const broken of brokenTiltfiles)
      it(broken.title, async () => {
        const faults = await withBrokenTiltfile(broken, (path) =>
          loadTiltfile(path).then(
            (loaded) => faultsOf(loaded).join("\n"),
            (error: unknown) => String(error),
          ),
        );
        expect(faults).to.match(broken.finds);
      });
  });
