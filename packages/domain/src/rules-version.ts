/**
 * The version of the rules by which a body is read: what its columns and facts say, and whether it can be understood at
 * all. It is stored with every event, because after the body is removed what was read is all that is left. A change of
 * what is read from any body gets the next number; `takings rebuild` then reads again.
 */
export const rulesVersion = 2;
