import { plainFix } from '../../../fixes/fix.ts';
import { allowPlainRtp, ownerName } from '../../../fixes/mediaFix.ts';
import type { MediaOwner } from '../../../trunks/judge/judge.ts';
import { mediaOf, requiringField } from '../../../trunks/media.ts';
import { defineFinding } from '../../finding.ts';

const REQUIRE = 'SIP_MEDIA_ENCRYPT_REQUIRE';

export const mediaEncryptionRequired = defineFinding({
  id: 'media_encryption_required',
  severity: 'warning',
  title: 'a trunk or rule requires encrypted media (SRTP), which Jambonz offers only when it is asked to',
  runbook: {
    meaning:
      'LiveKit refuses each call without SRTP that this trunk or rule takes: it rings once, and then answers 400 with an empty phrase. Jambonz offers SRTP to a SIP URI only if the dial verb has srtpEncryption. transport=tls or sips: alone do not make it do so.',
    impact: 'Calls of applications whose dial verb has no srtpEncryption fail right after the first ringing.',
    diagnosis: [
      '`sipwhy check --dial verb.json` says whether the call of a dial verb would pass.',
      'Is Jambonz 0.9.8 or later? Older releases ignore srtpEncryption.',
    ],
    mitigation: [
      'Add `"srtpEncryption": "sdes"` to the dial verb of every application that calls this trunk.',
      'Or set the encryption to ALLOW on trunk and rule, if plain RTP is acceptable: `lk sip inbound update --id ST_… --media-enc allow`.',
      'If every application offers SRTP, there is nothing to do: the finding stays as a reminder.',
      'Verify that the next call is answered.',
    ],
  },
  fix: 'Add srtpEncryption: sdes to the dial verbs (Jambonz 0.9.8 or later), or set the encryption to ALLOW on trunk and rule.',
  *find({ trunks, rules }) {
    const owners: MediaOwner[] = [
      ...trunks.map((trunk) => ({ kind: 'trunk' as const, trunk })),
      ...rules.map((rule) => ({ kind: 'rule' as const, rule })),
    ];
    for (const owner of owners) {
      yield undefined;
      const field = requiringField(mediaOf(owner.kind === 'trunk' ? owner.trunk : owner.rule));
      if (!field) continue;
      yield {
        trunks: owner.kind === 'trunk' ? [owner.trunk.sip_trunk_id] : [],
        rules: owner.kind === 'rule' ? [owner.rule.sip_dispatch_rule_id] : [],
        describe: () => ({
          what: `${field} of ${ownerName(owner)} is REQUIRE: LiveKit refuses calls that offer no SRTP. Whether the dial verbs ask for it is unknown.`,
          fixes: [
            plainFix('Add "srtpEncryption": "sdes" to the dial verbs (Jambonz 0.9.8 or later).'),
            allowPlainRtp([owner]),
          ],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'a trunk that requires SRTP',
      configuration: { trunks: { ST_1: { media: { encryption: REQUIRE } } } },
      want: {
        trunk: 'ST_1',
        what: 'media.encryption of ST_1 is REQUIRE: LiveKit refuses calls that offer no SRTP. Whether the dial verbs ask for it is unknown.',
      },
    },
    {
      shows: 'a rule that requires it in the older field',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_1'], media_encryption: REQUIRE } } },
      want: {
        trunk: 'none',
        what: 'media_encryption of SDR_1 is REQUIRE: LiveKit refuses calls that offer no SRTP. Whether the dial verbs ask for it is unknown.',
      },
    },
    {
      shows: 'a trunk that allows SRTP',
      configuration: { trunks: { ST_1: { media: { encryption: 'SIP_MEDIA_ENCRYPT_ALLOW' } } } },
    },
  ],
});
