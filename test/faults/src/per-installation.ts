/** What cases keep about their installations. Several cases run at once, also with the same code. */
export type PerInstallation<T> = {
  /** Returns the value. */
  set(installation: { readonly dir: string }, value: T): T;
  /** @throws when nothing was set. */
  of(installation: { readonly dir: string }): T;
};

/** Keeps one value for each installation, from its creation on. */
export function perInstallation<T>(): PerInstallation<T> {
  const values = new Map<string, T>();
  return {
    set({ dir }, value) {
      values.set(dir, value);
      return value;
    },
    of({ dir }) {
      const value = values.get(dir);
      if (value === undefined) throw new Error(`nothing is known about the installation in ${dir}`);
      return value;
    },
  };
}
