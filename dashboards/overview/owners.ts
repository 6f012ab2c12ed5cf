import type { Row } from '../dashboard.ts';
import { stat } from '../panels.ts';
import { ALL, grownInAll } from '../selector.ts';

const OWNERS = [
  ['Us: dialling', ['application'], 'Our Jambonz application dialled with wrong credentials, number or host.'],
  ['Us: LiveKit settings', ['livekit_config'], 'Our trunks or dispatch rules in LiveKit refuse the call.'],
  ['LiveKit', ['livekit'], 'LiveKit could not process the call, its quota was exceeded, or it closed the room.'],
  ['Jambonz', ['jambonz'], 'A limit, subscription, route or error in Jambonz.'],
  ['Network', ['network'], 'DNS, transport or timeouts between the SBC and LiveKit.'],
  ['Agent', ['agent', 'media'], 'LiveKit admitted the call, but no agent spoke, or the media settings did not match.'],
  ['Carrier', ['carrier'], 'A carrier refused a leg that does not go to LiveKit.'],
  ['Unknown', ['unknown'], 'The evidence does not show the cause. sipwhy never guesses.'],
] as const;

export const OWNERS_ROW: Row = {
  title: 'Is it us, LiveKit, Jambonz, the network or the agent?',
  panels: OWNERS.map(([title, parties, description]) =>
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
