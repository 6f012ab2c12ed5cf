const { PATH, NODE_COMPILE_CACHE } = process.env;

/** The environment of a process under test: nothing else that is set on this machine changes what it does. */
export const PLAIN_ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  PATH,
  // Half of the time that a short process takes is compiling.
  ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
};
