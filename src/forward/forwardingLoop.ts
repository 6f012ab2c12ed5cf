/** Whether the Via header names this process. Then the application forwards to sipwhy, and the loop must end here. */
export function isForwardingLoop(instance: string, via: string | undefined): boolean {
  return (via ?? '').split(',').some((hop) => hop.trim().split(/\s+/)[1] === instance);
}
