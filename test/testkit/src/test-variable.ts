/** A variable that the test run sets. Throws when the tests were started in another way. */
export function testVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests through "pnpm test".`);
  return value;
}
