export { readDurabilityNeeds } from "@takings/ingress/settings";
