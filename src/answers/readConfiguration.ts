import type { Configuration } from '../cli/configuration.ts';
import { WrongUse } from '../exit.ts';
import { fileSource, sourceFrom } from '../livekit/source.ts';
import { commandSettings } from '../settings/commandSettings.ts';

/** Reads LiveKit's configuration once, from a file or from where the environment says. */
export async function readConfiguration(file: string | undefined): Promise<Configuration> {
  const { livekit, site } = commandSettings();
  const source = file === undefined ? sourceFrom(livekit) : fileSource(file);
  if (!source) {
    throw new WrongUse(
      'LiveKit’s trunks and rules are not known: give --config FILE, or set LIVEKIT_URL with its key and secret, or LIVEKIT_CONFIG_FILE',
    );
  }
  try {
    return { snapshot: await source(), site };
  } catch (error) {
    throw new WrongUse(`LiveKit’s trunks and rules cannot be read: ${(error as Error).message}`);
  }
}
