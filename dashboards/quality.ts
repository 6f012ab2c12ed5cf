import { buildDashboard, type Row } from './dashboard.ts';
import { graph, heatmap, stat } from './panels.ts';
import { ALL, grown, quantile, quantileInAll, ratio, recorded } from './selector.ts';

const POST_DIAL = 'sipwhy_post_dial_delay_seconds';
const SETUP = 'sipwhy_call_setup_seconds';
const PARTICIPANT = 'sipwhy_call_to_participant_seconds';
const AGENT = 'sipwhy_call_to_agent_seconds';
const AUDIO = 'sipwhy_call_to_first_audio_seconds';

const WITHOUT_RULES = 'no calls, or the recording rules are not loaded';

function quantiles(histogram: string): Readonly<Record<string, string>> {
  return {
    median: quantile(0.5, histogram),
    p95: quantile(0.95, histogram),
    p99: quantile(0.99, histogram),
  };
}

const AT_A_GLANCE: Row = {
  title: 'How long do callers wait?',
  panels: [
    stat({
      title: 'Post-dial delay, median',
      description:
        'Time from the INVITE of a dialled leg to the first ringing, or to the refusal if nothing rang (RFC 6076).',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.5, POST_DIAL),
    }),
    stat({
      title: 'Post-dial delay, p95',
      description: '95 % of dialled legs had a ringing or refusal within this time.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.95, POST_DIAL),
      limits: { yellow: 3, red: 8 },
    }),
    stat({
      title: 'Setup time, median',
      description: 'Time from the INVITE to the answer of connected calls.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.5, SETUP),
    }),
    stat({
      title: 'Setup time, p95',
      description: '95 % of connected calls were answered within this time.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.95, SETUP),
      limits: { yellow: 5, red: 13 },
    }),
    stat({
      title: 'Agent in the room, p95',
      description: '95 % of calls had an agent in their room within this time after the leg’s first report.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.95, AGENT),
      limits: { yellow: 3, red: 8 },
      runbook: 'SipwhyIncident',
    }),
    stat({
      title: 'First audio, p95',
      description:
        '95 % of calls had an agent’s first audio within this time after the leg’s first report. LiveKit then answers.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.95, AUDIO),
      limits: { yellow: 5, red: 13 },
      runbook: 'SipwhyIncident',
    }),
  ],
};

const POST_DIAL_ROW: Row = {
  title: 'Until it rings',
  panels: [
    graph({
      title: 'Post-dial delay of calls that connected',
      description: 'Time from the INVITE of a dialled leg to its first 18x, or to its answer if no 18x came.',
      unit: 's',
      span: 8,
      lines: {
        median: quantile(0.5, POST_DIAL, '', 'outcome="connected"'),
        p95: quantile(0.95, POST_DIAL, '', 'outcome="connected"'),
      },
      nothing: 'no connected calls',
    }),
    graph({
      title: 'Post-dial delay by outcome',
      description: 'p95 by outcome. Failures at once are refusals; failures after 32 s had no answer.',
      unit: 's',
      span: 8,
      lines: { '{{outcome}}': quantile(0.95, POST_DIAL, 'outcome') },
      nothing: 'no calls',
      runbook: 'SipwhyIncident',
    }),
    heatmap({
      title: 'Post-dial delay, distribution',
      description: 'Number of calls by delay. A band at 32 s or 64 s is the SIP stack’s timeout.',
      span: 8,
      histogram: POST_DIAL,
    }),
  ],
};

const ANSWER_ROW: Row = {
  title: 'Until it is answered',
  panels: [
    graph({
      title: 'Setup time',
      description: 'Time from the INVITE to the answer of connected calls.',
      unit: 's',
      span: 8,
      lines: quantiles(SETUP),
      nothing: 'no connected calls',
    }),
    graph({
      title: 'Setup time over one hour',
      description:
        'Quantiles over the hour before each point, from the recording rules. Smoother than the graph to the left.',
      unit: 's',
      span: 8,
      lines: { '{{quantile}}': `${recorded('job:sipwhy_call_setup_seconds:quantile_rate1h')} >= 0` },
      nothing: WITHOUT_RULES,
    }),
    heatmap({
      title: 'Setup time, distribution',
      description: 'Number of connected calls by time to the answer.',
      span: 8,
      histogram: SETUP,
    }),
  ],
};

const AGENT_ROW: Row = {
  title: 'Until the agent speaks',
  panels: [
    graph({
      title: 'Participant, agent, first audio: median',
      description:
        'Time from the leg’s first report to each step in LiveKit’s room. The gap from participant to agent is the agent’s dispatch; the gap from agent to audio is the agent’s start.',
      unit: 's',
      span: 8,
      lines: {
        participant: quantile(0.5, PARTICIPANT),
        agent: quantile(0.5, AGENT),
        'first audio': quantile(0.5, AUDIO),
      },
      nothing: 'no calls with LiveKit’s webhooks',
      runbook: 'SipwhyIncident',
    }),
    graph({
      title: 'Participant, agent, first audio: p95',
      description: 'The same for the slowest calls. Agents that must be started first show up here.',
      unit: 's',
      span: 8,
      lines: {
        participant: quantile(0.95, PARTICIPANT),
        agent: quantile(0.95, AGENT),
        'first audio': quantile(0.95, AUDIO),
      },
      nothing: 'no calls with LiveKit’s webhooks',
      runbook: 'SipwhyIncident',
    }),
    heatmap({
      title: 'Time to first audio, distribution',
      description: 'Number of calls by time to an agent’s first audio.',
      span: 8,
      histogram: AUDIO,
    }),
  ],
};

const TRENDS: Row = {
  title: 'Trends over one hour',
  panels: [
    graph({
      title: 'ASR, NER, SER, SEER',
      description:
        'Answer seizure and network effectiveness ratio (ITU-T E.411, E.425), session establishment ratio and its effectiveness (RFC 6076). For NER and SEER, a busy or declining callee counts as success. Gaps: no calls.',
      unit: 'percentunit',
      span: 12,
      lines: {
        'ASR {{job}}': `${recorded('job:sipwhy_asr:ratio_rate1h')} >= 0`,
        'NER {{job}}': `${recorded('job:sipwhy_ner:ratio_rate1h')} >= 0`,
        'SER {{job}}': `${recorded('job:sipwhy_ser:ratio_rate1h')} >= 0`,
        'SEER {{job}}': `${recorded('job:sipwhy_seer:ratio_rate1h')} >= 0`,
      },
      nothing: WITHOUT_RULES,
    }),
    graph({
      title: 'Ineffective attempts (ISA)',
      description: 'Share of all attempts that ended with 408, 500, 503 or 504 (RFC 6076).',
      unit: 'percentunit',
      span: 6,
      lines: { '{{job}}': `${recorded('job:sipwhy_isa:ratio_rate1h')} >= 0` },
      nothing: WITHOUT_RULES,
      runbook: 'SipwhyHigh503Rate',
    }),
    graph({
      title: 'Mean post-dial delay',
      description: 'By outcome, as RFC 6076 requires.',
      unit: 's',
      span: 6,
      lines: { '{{outcome}}': `${recorded(`job_outcome:${POST_DIAL}:mean_rate1h`)} >= 0` },
      nothing: WITHOUT_RULES,
    }),
  ],
};

const ENDS = `sipwhy_call_ends_total{${ALL}}`;
const DURATION = 'sipwhy_call_duration_seconds';

const ENDS_ROW: Row = {
  title: 'After the answer',
  panels: [
    graph({
      title: 'How answered calls end',
      description: 'Ends of answered calls by cause; none is a normal end. Each is counted once, at its end.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{cause}}': `${grown(ENDS, 'cause')} > 0` },
      nothing: 'no calls ended',
      runbook: 'SipwhyIncident',
    }),
    graph({
      title: 'Duration of answered calls',
      description: 'Time from the answer to the end. Steps at 15 and 30 s are LiveKit’s waits for audio.',
      unit: 's',
      span: 8,
      lines: { median: quantile(0.5, DURATION), p95: quantile(0.95, DURATION) },
      nothing: 'no calls ended',
    }),
    graph({
      title: 'Share of calls under 10 s, by trunk',
      description: 'Answered calls that hardly lasted, of all that ended.',
      unit: 'percentunit',
      span: 8,
      lines: { '{{trunk}}': ratio(`sipwhy_short_calls_total{${ALL}}`, ENDS, 'trunk') },
      nothing: 'no calls ended',
      runbook: 'SipwhyShortCalls',
    }),
  ],
};

export const QUALITY = buildDashboard({
  uid: 'sipwhy-quality',
  title: 'sipwhy: call setup quality',
  description: 'How long callers wait for ringing, an answer and an agent’s voice, and how many get that far.',
  rows: [AT_A_GLANCE, POST_DIAL_ROW, ANSWER_ROW, AGENT_ROW, ENDS_ROW, TRENDS],
});
