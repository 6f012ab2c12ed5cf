import { Option } from 'commander';
import type { AskApi } from '../mcp/askApi.ts';

/**
 * Asks the service at this address, or without one the store that the environment names. Rejects with WrongUse for a
 * wrong question, and where nothing answers.
 */
export type Asking = <T>(server: string | undefined, work: (ask: AskApi) => Promise<T>) => Promise<T>;

/** The option of every command that reads. */
export function serverOption(): Option {
  return new Option('--server <url>', 'ask this running service, with API_TOKEN if it needs one; not the store');
}
