/**
 * The version of the rules by which a payload is read into columns and facts, or quarantined. It is stored with every
 * event, because only what was read remains after the payload is pruned. A change of what is read from any payload
 * increments it, together with `takings.current_rules_version()` in a migration; `takings rebuild` then reads payloads
 * again.
 */
export const rulesVersion = 2;
