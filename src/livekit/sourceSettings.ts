/** Where LiveKit's SIP configuration is read: a file, or the API, which needs all three. */
export interface SourceSettings {
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  readonly configFile: string | undefined;
}

/** Whether the settings say where LiveKit's configuration is read. Loads nothing that reading takes. */
export function hasSource({ url, apiKey, apiSecret, configFile }: SourceSettings): boolean {
  return configFile !== undefined || (url !== undefined && apiKey !== undefined && apiSecret !== undefined);
}
