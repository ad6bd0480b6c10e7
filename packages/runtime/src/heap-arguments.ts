/**
 * How node lets a service's heap grow: a young generation that most of an event does not outlive, and little room for
 * garbage above what is in use. With its defaults node takes twice as much memory as a service needs
 * (docs/performance.md). The Dockerfile repeats this, and a test compares the two.
 */
export const heapArguments: readonly string[] = ["--max-semi-space-size=8", "--heap-growing-percent=60"];
