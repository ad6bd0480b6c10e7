import type { AlertCase } from "./alert-case.ts";
import { processingCases } from "./processing-cases.ts";
import { serviceLevelCases } from "./service-level-cases.ts";
import { trustCases } from "./trust-cases.ts";

export const alertCases: readonly AlertCase[] = [...serviceLevelCases, ...processingCases, ...trustCases];
