/** The installation that is tested, and another one in the same Prometheus. */
export const installation = { namespace: "shop", runbooks: "https://runbooks.example" } as const;
export const otherInstallation = { ...installation, namespace: "other" } as const;
