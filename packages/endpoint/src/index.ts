export type { Condition, ConditionName } from "./conditions.ts";
export type { EndpointDependencies } from "./dependencies.ts";
export type { Difference, EndpointChange, EndpointPlan, PlanOptions } from "./plan.ts";
export type { Rotation } from "./rotate-endpoint.ts";
export type { SecretStore } from "./secret-store.ts";
export type {
  CreatedEndpoint,
  EndpointUpdate,
  FoundEndpoint,
  NewEndpoint,
  StripeEndpoints,
} from "./stripe-endpoints.ts";
export type { StripeAccess } from "./stripe-request.ts";
export type { WantedEndpoint } from "./wanted.ts";
export { applyEndpoint, lookAtEndpoint } from "./apply-endpoint.ts";
export { conditionNames } from "./conditions.ts";
export { createStripeEndpoints } from "./create-stripe-endpoints.ts";
export { planEndpoint } from "./plan-endpoint.ts";
export { beginRotation, finishRotation } from "./rotate-endpoint.ts";
export { fingerprintOf } from "./secret-store.ts";
export { wantedEndpoint } from "./wanted.ts";
