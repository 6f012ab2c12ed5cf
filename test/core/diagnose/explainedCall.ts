import type { ExampleCall, ExampleConfiguration, ExampleSettings } from '../../../src/core/diagnose/causeExample.ts';
import { explainExample } from '../examples.ts';

export const CALLED = '+15550100';
export const CALLER = '+15550123';
export const OTHER = '+15550142';
export const SILENCE: ExampleCall = { ringing: [90], dialGaveUpAt: 20_000 };
export const ADMITTED: ExampleCall = { ringing: 'every second', dialGaveUpAt: 20_000 };
export const ASKED: ExampleCall = { response: [407, 'Unauthorized', 230] };
export const AGAIN: ExampleCall = { response: [503, 'Try again later', 230] };
export const NO_SBC: ExampleSettings = { sbc_addresses: [] };
export const PASSWORD = { auth_username: 'livekit_client', auth_password: 'secret' };
export const TWO_TRUNKS = [{ allowed_numbers: [CALLER] }, {}];

export function explained(call: ExampleCall, livekit: ExampleConfiguration, settings: ExampleSettings = {}) {
  return explainExample({ shows: '', call, livekit, settings, want: { blocking: [], confidence: null } });
}

export function actions(call: ExampleCall, livekit: ExampleConfiguration): string[] {
  return explained(call, livekit).fixes.map(({ action }) => action);
}

export function evidence(call: ExampleCall, livekit: ExampleConfiguration, name: string): string[] {
  return explained(call, livekit)
    .evidence.filter((one) => one.name === name)
    .map(({ value }) => value);
}
