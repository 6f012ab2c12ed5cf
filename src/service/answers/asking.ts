import type { Asking } from '../../cli/ask.ts';

/** Asks a running service, or the store that the environment names. */
export const asking: Asking = async (server, work) => {
  // The import is dynamic so that commands that ask neither do not load the API.
  if (server !== undefined) return (await import('./askServer.ts')).askServer(server, work);
  return (await import('./askStore.ts')).askStore(work);
};
