/** Removes items that are not needed for `isWrong`, one after the other. */
export function shrink<T>(items: readonly T[], isWrong: (some: readonly T[]) => boolean): readonly T[] {
  const at = items.findIndex((_, index) => isWrong(items.toSpliced(index, 1)));
  return at < 0 ? items : shrink(items.toSpliced(at, 1), isWrong);
}
