import { buildDashboard, type Row } from './dashboard.ts';
import { graph, heatmap, stat } from './panels.ts';
import { quantile, quantileInAll, recorded } from './selector.ts';

const POST_DIAL = 'sipwhy_post_dial_delay_seconds';
const SETUP = 'sipwhy_call_setup_seconds';
const PARTICIPANT = 'sipwhy_call_to_participant_seconds';
const AGENT = 'sipwhy_call_to_agent_seconds';
const AUDIO = 'sipwhy_call_to_first_audio_seconds';

const WITHOUT_RULES = 'no calls, or the recording rules are not loaded';

function quantiles(histogram: string): Readonly<Record<string, string>> {
  return {
    median: quantile(0.5, histogram),
    '95 of 100': quantile(0.95, histogram),
    '99 of 100': quantile(0.99, histogram),
  };
}

const AT_A_GLANCE: Row = {
  title: 'How long do callers wait?',
  panels: [
    stat({
      title: 'Post-dial delay, median',
      description:
        'From the INVITE to the first ringing, or to the refusal where nothing rang (RFC 6076), of dialled legs.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.5, POST_DIAL),
    }),
    stat({
      title: 'Post-dial delay, 95 of 100',
      description: 'So many calls had a ringing or a refusal within this time.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.95, POST_DIAL),
      limits: { yellow: 3, red: 8 },
    }),
    stat({
      title: 'Setup time, median',
      description: 'From the INVITE to the answer, of calls that connected.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.5, SETUP),
    }),
    stat({
      title: 'Setup time, 95 of 100',
      description: 'So many calls that connected were answered within this time.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.95, SETUP),
      limits: { yellow: 5, red: 13 },
    }),
    stat({
      title: 'Agent in the room, 95 of 100',
      description: 'So many calls had an agent in their room within this time of the leg’s first report.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.95, AGENT),
      limits: { yellow: 3, red: 8 },
      runbook: 'SipwhyAgentNotJoining',
    }),
    stat({
      title: 'First audio, 95 of 100',
      description:
        'So many calls had an agent’s first audio within this time of the leg’s first report. LiveKit answers then.',
      unit: 's',
      span: 4,
      expr: quantileInAll(0.95, AUDIO),
      limits: { yellow: 5, red: 13 },
      runbook: 'SipwhyAgentNotJoining',
    }),
  ],
};

const POST_DIAL_ROW: Row = {
  title: 'Until it rings',
  panels: [
    graph({
      title: 'Post-dial delay of calls that connected',
      description: 'From the INVITE of a dialled leg to its first 18x, or to its answer where none came.',
      unit: 's',
      span: 8,
      lines: {
        median: quantile(0.5, POST_DIAL, '', 'outcome="connected"'),
        '95 of 100': quantile(0.95, POST_DIAL, '', 'outcome="connected"'),
      },
      nothing: 'no connected calls in this time',
    }),
    graph({
      title: 'Post-dial delay by outcome',
      description:
        '95 of 100 calls were within it. Refusals that come at once and 32 s of silence are different troubles: the network’s and the far end’s.',
      unit: 's',
      span: 8,
      lines: { '{{outcome}}': quantile(0.95, POST_DIAL, 'outcome') },
      nothing: 'no calls in this time',
      runbook: 'SipwhyCauseSipTimeout',
    }),
    heatmap({
      title: 'Post-dial delay, spread',
      description: 'How many calls had which delay. A band at 32 s or 64 s is the SIP stack’s own time-out.',
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
      description: 'From the INVITE to the answer, of calls that connected.',
      unit: 's',
      span: 8,
      lines: quantiles(SETUP),
      nothing: 'no connected calls in this time',
    }),
    graph({
      title: 'Setup time over the hour before',
      description: 'As the recording rules have it: steadier than each step of the graph beside.',
      unit: 's',
      span: 8,
      lines: { '{{quantile}}': `${recorded('job:sipwhy_call_setup_seconds:quantile_rate1h')} >= 0` },
      nothing: WITHOUT_RULES,
    }),
    heatmap({
      title: 'Setup time, spread',
      description: 'How many calls took how long to be answered.',
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
        'From the leg’s first report to each step in LiveKit’s room. What lies between participant and agent is the agent’s dispatch; between agent and audio, its start.',
      unit: 's',
      span: 8,
      lines: {
        participant: quantile(0.5, PARTICIPANT),
        agent: quantile(0.5, AGENT),
        'first audio': quantile(0.5, AUDIO),
      },
      nothing: 'no calls with LiveKit’s webhooks in this time',
      runbook: 'SipwhyAgentNotJoining',
    }),
    graph({
      title: 'Participant, agent, first audio: 95 of 100',
      description: 'The same for the slowest calls: agents that have to be started first show here.',
      unit: 's',
      span: 8,
      lines: {
        participant: quantile(0.95, PARTICIPANT),
        agent: quantile(0.95, AGENT),
        'first audio': quantile(0.95, AUDIO),
      },
      nothing: 'no calls with LiveKit’s webhooks in this time',
      runbook: 'SipwhyAgentNotJoining',
    }),
    heatmap({
      title: 'Time to first audio, spread',
      description: 'How many callers waited how long for an agent’s voice.',
      span: 8,
      histogram: AUDIO,
    }),
  ],
};

const TRENDS: Row = {
  title: 'Trends, over the hour before each point',
  panels: [
    graph({
      title: 'ASR, NER, SER, SEER',
      description:
        'Answer seizure, network effectiveness (ITU-T E.411, E.425), session establishment and its effectiveness (RFC 6076). NER and SEER leave out what the callee decided. Gaps are hours without calls.',
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
      description: 'The part of all attempts that ended with 408, 500, 503 or 504 (RFC 6076).',
      unit: 'percentunit',
      span: 6,
      lines: { '{{job}}': `${recorded('job:sipwhy_isa:ratio_rate1h')} >= 0` },
      nothing: WITHOUT_RULES,
      runbook: 'SipwhyHigh503Rate',
    }),
    graph({
      title: 'Mean post-dial delay',
      description: 'By outcome, as RFC 6076 wants it told apart.',
      unit: 's',
      span: 6,
      lines: { '{{outcome}}': `${recorded(`job_outcome:${POST_DIAL}:mean_rate1h`)} >= 0` },
      nothing: WITHOUT_RULES,
    }),
  ],
};

export const QUALITY = buildDashboard({
  uid: 'sipwhy-quality',
  title: 'sipwhy: call quality of setup',
  description: 'How long callers wait until it rings, is answered, and an agent speaks; and how many get that far.',
  rows: [AT_A_GLANCE, POST_DIAL_ROW, ANSWER_ROW, AGENT_ROW, TRENDS],
});
