import { causesTable } from '../callDashboard.ts';
import type { Row } from '../dashboard.ts';
import { ofLine } from '../dashboardLinks.ts';
import { graph } from '../panels.ts';
import { ALL, grown } from '../selector.ts';

const FAILURES = `sipwhy_call_failures_503_total{${ALL}}`;
const RESPONSES = `sipwhy_sip_responses_total{${ALL}, status="503"}`;

/** 503: one status with a dozen causes. */
export const UNAVAILABLE: Row = {
  title: '503 by origin and cause',
  panels: [
    graph({
      title: '503 by origin',
      description: 'Sender of the 503: LiveKit, Jambonz itself, the SBC’s SIP stack, or the far end.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{origin}}': grown(RESPONSES, 'origin') },
      runbook: 'SipwhyHigh503Rate',
    }),
    graph({
      title: '503 by cause',
      description: 'Causes of the calls that were answered with 503.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{cause}}': `${grown(FAILURES, 'cause')} > 0` },
      nothing: 'no 503',
      runbook: 'SipwhyHigh503Rate',
      calls: { ...ofLine('cause'), status: '503' },
    }),
    causesTable({
      title: 'Causes of 503, and fixes',
      description: 'Causes of the calls answered with 503, each with its fix.',
      failures: FAILURES,
      by: ['cause', 'party'],
      calls: { status: '503' },
    }),
  ],
};
