import type { AlertCase } from "./alert-case.ts";
import { balanceCases } from "./balance-cases.ts";
import { endpointCases } from "./endpoint-cases.ts";
import { processingCases } from "./processing-cases.ts";
import { serviceLevelCases } from "./service-level-cases.ts";
import { integrityCases } from "./integrity-cases.ts";

export const alertCases: readonly AlertCase[] = [
  ...serviceLevelCases,
  ...processingCases,
  ...integrityCases,
  ...balanceCases,
  ...endpointCases,
];
