import { attemptsByOutcome } from '../callDashboard.ts';
import type { Row } from '../dashboard.ts';
import { ofLine } from '../dashboardLinks.ts';
import { graph } from '../panels.ts';
import { ALL, grownFromNothing } from '../selector.ts';

export const VOLUME: Row = {
  title: 'Volume',
  panels: [
    attemptsByOutcome(`sipwhy_call_attempts_total{${ALL}}`, 12),
    graph({
      title: 'SIP responses by status',
      description: 'Final SIP response of each attempt.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{status}}': `${grownFromNothing(`sipwhy_sip_responses_total{${ALL}}`, 'status')} > 0` },
      nothing: 'no calls',
      calls: { ...ofLine('status'), outcome: 'all' },
    }),
  ],
};
