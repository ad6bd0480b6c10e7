/** Why a file cannot be compared, and what to do: one sentence that begins after the file's name. */
export class FileFault extends Error {}
