import type { Row } from '../dashboard.ts';
import { stat } from '../panels.ts';
import { ALL, grownInAll } from '../selector.ts';

const WHOSE = [
  ['Us: dialling', ['application'], 'Our Jambonz application dialled wrongly: credentials, number or host.'],
  ['Us: LiveKit settings', ['livekit_config'], 'Our trunks or dispatch rules in LiveKit refuse the call.'],
  ['LiveKit', ['livekit'], 'LiveKit could not process the call, was out of quota, or closed the room.'],
  ['Jambonz', ['jambonz'], 'A limit, a subscription, a route or an error of Jambonz.'],
  ['Network', ['network'], 'DNS, transport or time-outs between the SBC and LiveKit.'],
  ['Agent', ['agent', 'media'], 'LiveKit admitted the call, and no agent spoke; or no codec was common.'],
  ['Carrier', ['carrier'], 'A carrier refused a leg that is not LiveKit’s.'],
  ['Not known', ['unknown'], 'The evidence did not show the cause. Counted, never guessed.'],
] as const;

export const WHOSE_ROW: Row = {
  title: 'Is it us, LiveKit, Jambonz, the network or the agent?',
  panels: WHOSE.map(([title, parties, description]) =>
    stat({
      title,
      description,
      unit: 'short',
      span: 3,
      expr: grownInAll(`sipwhy_call_failures_total{${ALL}, party=~"${parties.join('|')}"}`),
      limits: { yellow: 1, red: 10 },
      calls: { party: parties.join(',') },
    }),
  ),
};
