import { TakingsError } from "@takings/domain";

/** The result of reading the database. @throws TakingsError `unavailable` if there is none within the deadline. */
export async function withDeadline<T>(reading: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TakingsError("unavailable", `no response from the database within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([reading, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
