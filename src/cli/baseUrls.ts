import { WrongUse } from '../settings/commandSettings.ts';
import { BASE_URL, isBaseUrl } from '../settings/environment.ts';

/** Throws WrongUse for the first URL, by its flag, to which no path can be appended. */
export function requireBaseUrls(urls: Readonly<Record<string, string | undefined>>): void {
  for (const [flag, url] of Object.entries(urls)) {
    if (url !== undefined && !isBaseUrl(url)) throw new WrongUse(`${flag} must be ${BASE_URL.range}, got "${url}"`);
  }
}

export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
