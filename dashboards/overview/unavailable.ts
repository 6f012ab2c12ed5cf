import { causesTable } from '../callDashboard.ts';
import type { Row } from '../dashboard.ts';
import { ofLine } from '../dashboardLinks.ts';
import { graph } from '../panels.ts';
import { ALL, grown } from '../selector.ts';

const FAILURES = `sipwhy_call_failures_503_total{${ALL}}`;
const RESPONSES = `sipwhy_sip_responses_total{${ALL}, status="503"}`;

/** One status with a dozen causes: the reason that sipwhy exists. */
export const UNAVAILABLE: Row = {
  title: 'The 503 taken apart',
  panels: [
    graph({
      title: '503 by who said it',
      description: 'LiveKit, Jambonz itself, the SIP stack of the SBC in nobody’s name, or a far end.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{origin}}': grown(RESPONSES, 'origin') },
      runbook: 'SipwhyHigh503Rate',
    }),
    graph({
      title: '503 by cause',
      description: 'What the calls that were answered 503 failed for.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{cause}}': `${grown(FAILURES, 'cause')} > 0` },
      nothing: 'no 503 in this time',
      runbook: 'SipwhyHigh503Rate',
      calls: { ...ofLine('cause'), status: '503' },
    }),
    causesTable({
      title: 'What the 503s were, and what to do',
      description: 'The causes of the calls of the time shown that were answered 503, with the fix of each.',
      failures: FAILURES,
      by: ['cause', 'party'],
      calls: { status: '503' },
    }),
  ],
};
