/** An instant as RFC 3339 text with up to microseconds: more than a `Date` holds, and all that the database keeps. */
export type Moment = string;
