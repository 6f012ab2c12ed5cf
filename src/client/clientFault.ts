/** A mistake in what an application passed to `sipwhy/client`. The message names the option and the remedy. */
export class ClientFault extends Error {
  override readonly name = 'ClientFault';
}

/** Environment variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An option, or else an environment variable. An empty one counts as not set. */
export function optionOr(option: string | undefined, variable: string | undefined): string | undefined {
  return option || variable || undefined;
}
