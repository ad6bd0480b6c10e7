import { type FileHandle, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TakingsError } from "@takings/domain";
import type { SecretStore } from "@takings/endpoint";
import { parseSecrets, signingSecretShape } from "@takings/runtime";

/** The secrets are for the owner of the file only. */
const mode = 0o600;

/**
 * Signing secrets in a file of the form of STRIPE_WEBHOOK_SECRETS_FILE, one a line. It is replaced as a whole, so that the
 * ingress never reads a part of it.
 */
export function createSecretFile(file: string): SecretStore {
  const read = async (): Promise<readonly string[]> => {
    const text = await readFile(file, "utf8").catch((error: unknown) => {
      if (isMissing(error)) return "";
      throw failure(file, "read", error);
    });
    return parseSecrets("the secret file", text, signingSecretShape);
  };
  return {
    read,
    async update(change) {
      const text = change(await read()).map((secret) => `${secret}\n`);
      await replaceFile(file, text.join("")).catch((error: unknown) => {
        throw failure(file, "write", error);
      });
    },
    async requireWritable() {
      await read();
      try {
        const rehearsal = await createBeside(file);
        await rehearsal.handle.close();
        await rm(rehearsal.path);
      } catch (error) {
        throw failure(file, "write", error);
      }
    },
  };
}

/** Writes a new file and gives it the name of the old one, each safely on disk before the next step. */
async function replaceFile(file: string, text: string): Promise<void> {
  const target = await targetOf(file);
  const { path, handle } = await createBeside(file);
  try {
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(path, target);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  const directory = await open(dirname(target));
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** A new file in the same directory, because only there it can be renamed. What a killed process left is replaced. */
async function createBeside(file: string): Promise<{ readonly path: string; readonly handle: FileHandle }> {
  const target = await targetOf(file);
  const path = join(dirname(target), `.${basename(target)}.new`);
  await rm(path, { force: true });
  return { path, handle: await open(path, "wx", mode) };
}

/** The file itself where `file` is a symbolic link. */
async function targetOf(file: string): Promise<string> {
  return realpath(file).catch((error: unknown) => {
    if (isMissing(error)) return file;
    throw error;
  });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function failure(file: string, action: "read" | "write", error: unknown): TakingsError {
  const reason = error instanceof Error ? error.message : String(error);
  return new TakingsError(
    "invalid",
    `cannot ${action} the secret file ${file}: ${reason}; nothing was changed in it. Choose a file in a directory that ` +
      "this user may write, with --secret-file",
  );
}
