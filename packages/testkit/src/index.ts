export { type TestDatabase, testDatabase } from "./database.ts";
export { eventually } from "@takings/local";
export { type TestNats, type TestNatsOptions, testNats } from "./nats.ts";
export { handedOver } from "./handed-over.ts";
export { type LogLine, runService, startService, type TestService } from "./service.ts";
export { type FakeStripe, fakeStripe, fakeStripeKey, type StripeObject } from "./fake-stripe.ts";
export { sign, testSecret } from "./stripe.ts";
export { eventSaying, type Said } from "./event-saying.ts";
export * as listed from "./listed-objects.ts";
