import type { AfterFix, ClosedBecause } from '../incidents/incident.ts';

/** Why an incident is closed, as a sentence. */
export const CLOSED_WORDS: Record<ClosedBecause, string> = {
  recheck_passes: 'Closed: by the configuration as it is now, none of these calls meets the cause any more.',
  next_call_connected: 'Closed: the next such call connected.',
  calls_connected: 'Closed: calls connect again.',
  probe_ok: 'Closed: the probe, which had seen the trouble too, gets an answer again.',
  no_calls: 'Put away after a week without such a call; nothing shows that the cause is gone.',
  corrected: 'Closed: later webhooks showed another cause for each of its calls.',
};

/** Whether what was done about a cause has worked, as far as is known, as a sentence. */
export function afterFixText(afterFix: AfterFix, cause: string): string {
  switch (afterFix.state) {
    case 'configuration_changed':
      return 'LiveKit’s configuration of this trunk changed. Only the next call can show whether that helps.';
    case 'recheck_passes': {
      const { asked, next } = afterFix;
      const calls = asked === 1 ? 'The failed call was' : `${asked} of the failed calls were`;
      const checked = `${calls} checked again against LiveKit’s new configuration: ${cause} is gone`;
      return next.length === 0 ? `${checked}.` : `${checked}, but ${next.join(', ')} would stop such a call now.`;
    }
    case 'recheck_fails': {
      const { asked, failing } = afterFix;
      return `LiveKit’s configuration changed, and ${failing} of ${asked} failed calls checked again would still meet ${cause}.`;
    }
    case 'probe_ok':
      return `The probe gets an answer from ${afterFix.target}.`;
    case 'next_call_connected':
      return `The next call, ${afterFix.callSid}, connected.`;
    case 'next_call_failed':
      return `The next call, ${afterFix.callSid}, failed by the same cause.`;
  }
}
