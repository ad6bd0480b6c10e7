import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { isInstalled } from "../src/run-program.ts";
import { brokenTiltfiles, withBrokenTiltfile } from "../src/tilt/broken-tiltfiles.ts";
import { fragments } from "../src/tilt/kubernetes-object.ts";
import { loadTiltfile } from "../src/tilt/load-tiltfile.ts";
import { type LoadedResource, loadWithTilt } from "../src/tilt/tilt-itself.ts";

// The tests of the Tiltfile use a model of Tilt. This shows that the model is right.
if ((await isInstalled("python3")) && (await isInstalled("tilt")))
  describe("Tilt itself", function () {
    this.timeout(120_000);

    it("makes the same resources of the Tiltfile as the model", async () => {
      const file = join(projectRoot(), "Tiltfile");
      const { resources, uncategorized } = await loadTiltfile(file);
      const summary = ({ name, objects, dependencies }: LoadedResource): object => ({
        name,
        objects: new Set(objects.map((object) => fragments(object).at(-1))),
        dependencies,
      });
      const model = [...resources, { name: "uncategorized", objects: uncategorized, dependencies: [] }];
      expect((await loadWithTilt(file)).map(summary)).to.have.deep.members(model.map(summary));
    });

    for (const broken of brokenTiltfiles)
      it(`${broken.refused ? "refuses" : "loads"} ${broken.title}, like the model`, async () => {
        const error = await withBrokenTiltfile(broken, loadWithTilt).then(
          () => undefined,
          (cause: unknown) => String(cause),
        );
        if (broken.refused) expect(error).to.match(broken.finds);
        else expect(error).to.equal(undefined);
      });
  });
