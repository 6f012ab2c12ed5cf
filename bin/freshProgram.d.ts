/** The file of the program to run. */
export function freshProgram(): string;
/** Builds the page if it is stale. */
export function freshPage(): void;
/** Whether a built file is there, and newer than each of its sources, which are files or folders. */
export function isNewerThan(built: string, sources: readonly string[]): boolean;
