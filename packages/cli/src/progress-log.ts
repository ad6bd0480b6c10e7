/** Reports the progress of a long count on standard error, so that standard output holds only the result. */
export function createProgressLog(what: string, every: number): (counted: number) => void {
  let reportedAt = 0;
  return (counted) => {
    if (counted - reportedAt < every) return;
    reportedAt = counted;
    process.stderr.write(`${counted} ${what} counted\n`);
  };
}
