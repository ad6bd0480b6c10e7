import type { Case } from "../case.ts";
import { abuseCases } from "./abuse.ts";
import { bodyCases } from "./bodies.ts";
import { booksCases } from "./books.ts";
import { changedStreamCases } from "./changed-stream.ts";
import { clockCases, clockControl } from "./clocks.ts";
import { consumerCases } from "./consumer.ts";
import { controls } from "./controls.ts";
import { diskCases } from "./disks.ts";
import { duplicateCases } from "./duplicates.ts";
import { ingressCases } from "./ingress.ts";
import { kills } from "./kills.ts";
import { natsCases } from "./nats.ts";
import { networkCases } from "./network.ts";
import { overloadCases } from "./overload.ts";
import { postgresCases } from "./postgres.ts";
import { sessionCases } from "./sessions.ts";

/** Every case, in the order in which they run: those that share an installation one after the other. */
export const allCases: readonly Case[] = [
  ...kills,
  ...ingressCases,
  ...natsCases,
  ...consumerCases,
  ...changedStreamCases,
  ...postgresCases,
  ...networkCases,
  ...abuseCases,
  ...bodyCases,
  ...overloadCases,
  ...booksCases,
  ...diskCases,
  ...sessionCases,
  ...duplicateCases,
  ...clockCases,
  ...controls,
  clockControl,
];
