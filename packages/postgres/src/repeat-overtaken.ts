import type { Moment } from "@takings/domain";

/** An entry was recorded at the time of this recording or later, by one that began later and was committed first. */
export class OvertakenError extends Error {
  constructor(entryId: string, recordedAt: Moment) {
    super(`entry ${entryId} was recorded at ${recordedAt} or later meanwhile: begin the recording again`);
    this.name = "OvertakenError";
  }
}

/** Each attempt begins after everything that overtook the one before, so more are needed only where many meet. */
const mostAttempts = 5;

/**
 * Repeats a recording that was overtaken, from the beginning of its transaction.
 * @throws OvertakenError when it was overtaken each time.
 */
export async function repeatOvertaken<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = mostAttempts - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof OvertakenError) || left === 0) throw error;
    }
  }
}
