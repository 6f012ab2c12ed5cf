/**
 * The SQLSTATE of an error that PostgreSQL answered with; `undefined` for other errors. An answer has a severity, and an
 * error of the network has none. It is no test for the class of the error, because then SQLite would load PostgreSQL's
 * client too.
 */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
