import type { RecordedCase } from '../../../src/core/replay/replay.ts';
import type { Random } from '../../oracle/random.ts';
import type { Attempt, Truth } from '../generatedAttempt.ts';
import { otherAttempt } from '../generatedAttempts.ts';
import { type Manner, uuid, type Webhook, webhooksOf } from '../generatedJambonz.ts';
import type { Configuration } from '../generatedLivekit.ts';
import { knowable } from '../knowable.ts';
import type { World } from '../world.ts';
import { arriving, shifted } from './arriving.ts';
import { roomStory } from './roomStory.ts';

/** What was really wrong with a leg, and what a correct observer must and must not say of it. */
export interface KindTruth extends Truth {
  /** No webhook can tell: whoever is certain is wrong, whatever cause is named. */
  readonly isOpen?: boolean;
  /** Words that the explanation must have. */
  readonly mentions?: readonly string[];
}

/** A generated call of one kind. */
export interface KindCase {
  readonly call: RecordedCase;
  readonly truths: readonly KindTruth[];
  /** The configuration as YAML; the call has none then. */
  readonly yaml?: string;
  /** The same call with its configuration as the API gives it: what is said must be the same. */
  readonly twin?: RecordedCase;
}

/** What sipwhy is told, and what may be asked of it. */
export interface Setting {
  /** Given in place of the world's configuration. `null`: unknown. */
  readonly configuration?: Configuration | null;
  readonly carriers?: string;
  readonly isOldSbc?: boolean;
  /** What is said rests on milliseconds. */
  readonly isPrompt?: boolean;
  readonly hasNoSbcAddress?: boolean;
  readonly isOpen?: boolean | undefined;
  readonly mentions?: readonly string[];
  /** Other calls that are in progress at the same time. */
  readonly beside?: readonly Attempt[];
  /** LiveKit's webhooks reach sipwhy, so those of other rooms do too. */
  readonly isReporting?: boolean;
}

/** Makes a call to LiveKit from its attempt: Jambonz's webhooks, LiveKit's, and those of other calls. */
export function kindCase(world: World, attempt: Attempt, setting: Setting = {}): KindCase {
  const { random, site } = world;
  const manner: Manner = {
    isOldSbc: setting.isOldSbc ?? false,
    hasDialHook: random.chance(0.95),
    hooks: random.pick(['signed', 'signed', 'signed', 'unsigned', 'get']),
  };
  const isCarrierKnown = setting.carriers !== undefined;
  const others = [...(setting.beside ?? []), ...(!isCarrierKnown && random.chance(0.2) ? [otherAttempt(world)] : [])];
  const sent = [
    ...webhooksWith(random, attempt, manner),
    ...others.flatMap((other) => shifted(webhooksWith(random, other, manner), random.below(15_000))),
    ...(setting.isReporting && random.chance(0.3) ? shifted(elsewhere(world), random.below(9_000)) : []),
  ];
  const { livekit_url, livekit_sip_host } = site;
  const configuration = setting.configuration === undefined ? world.configuration : setting.configuration;
  const { isOpen, mentions } = setting;
  const known = setting.hasNoSbcAddress ? knowable(attempt.truth, 'no_sbc_address') : attempt.truth;
  return {
    call: {
      id: '',
      ...(livekit_url && { livekit_url }),
      ...(livekit_sip_host && { livekit_sip_host }),
      ...(isCarrierKnown && { jambonz_livekit_carriers: setting.carriers }),
      ...(!setting.hasNoSbcAddress && { sbc_addresses: [...world.sbcs] }),
      ...(configuration && { livekit: { ...configuration } }),
      webhooks: arriving(random, sent, { isSigned: manner.hooks === 'signed', isPrompt: setting.isPrompt ?? false }),
    },
    truths: [
      { ...known, ...(isOpen && { isOpen }), ...(mentions && { mentions }) },
      ...others.map(({ truth }): KindTruth => ({ ...truth, isHole: undefined })),
    ],
  };
}

/** What LiveKit's webhooks tell of a call that has nothing to do with this one. */
function elsewhere({ random, numbers }: World): Webhook[] {
  const reason = random.pick(['CLIENT_INITIATED', 'ROOM_DELETED']);
  return roomStory(random, {
    ...{
      callId: uuid(random),
      caller: numbers.next(),
      called: numbers.next(),
      trunkId: 'ST_elsewhere',
      ruleId: 'SDR_e',
    },
    ...{ joins: 100, leaves: 20_000, reason, finished: 20_030 },
    guests: random.chance(0.5) ? [{ kind: 'AGENT', joins: 400, publishes: 700, leaves: 20_010, reason }] : [],
  });
}

function webhooksWith(random: Random, { leg, timeout, hungUpAfter, delivered }: Attempt, manner: Manner): Webhook[] {
  const { sent, invitedAt } = webhooksOf(random, [{ legs: [leg], timeout, hungUpAfter }], manner);
  const [began = 0] = invitedAt;
  return [...sent, ...delivered.map((webhook) => ({ ...webhook, at_ms: webhook.at_ms + began }))];
}
