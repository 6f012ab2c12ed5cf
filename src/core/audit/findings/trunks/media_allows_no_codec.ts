import { NO_CODEC_WORDS, ownerName, usableCodecs } from '../../../fixes/mediaFix.ts';
import type { MediaOwner } from '../../../trunks/judge/judge.ts';
import { mediaOf, noCodec } from '../../../trunks/media.ts';
import type { DispatchRule } from '../../../trunks/snapshot.ts';
import type { Hit } from '../../finding.ts';
import { defineFinding } from '../../finding.ts';

export const mediaAllowsNoCodec = defineFinding({
  id: 'media_allows_no_codec',
  severity: 'critical',
  title: 'the codec list of a trunk or rule lets no call through',
  runbook: {
    meaning:
      'LiveKit takes its codecs from the rule’s list, or else from the trunk’s. This list is empty although only listed codecs count, or it has a codec that LiveKit can’t use. LiveKit rings once, and then answers every call with 500 or 400 and an empty phrase.',
    impact: 'Every call to the trunk fails right after the first ringing, whatever it offers.',
    diagnosis: [
      '`sipwhy audit` names the trunk or rule, and what is wrong with its list.',
      '`sipwhy history` shows when it was changed. `lk` with --no-default-codecs or --codecs makes such lists.',
    ],
    mitigation: [
      'Take only_listed_codecs off, so that LiveKit’s own codecs (PCMU, PCMA, G722) count. Or list them: `lk sip inbound update --id ST_… --codecs PCMU --codecs PCMA --codecs G722`.',
      'Never list Opus: LiveKit SIP does not have it. A codec other than PCMU, PCMA, G722 and AMR-WB needs a rate.',
      'Verify that `sipwhy audit` no longer lists it, and that the next call is answered.',
    ],
  },
  fix: 'Take only_listed_codecs off the trunk or rule, or list PCMU, PCMA and G722.',
  *find({ trunks, rules, ruleIndex }) {
    const hasCodecs = (rule: DispatchRule) => mediaOf(rule).codecs.length > 0;
    const haveWildcardsCodecs = ruleIndex.wildcards.every(hasCodecs);
    for (const trunk of trunks) {
      yield undefined;
      const none = noCodec(mediaOf(trunk));
      if (!none) continue;
      const id = trunk.sip_trunk_id;
      const isReplaced =
        haveWildcardsCodecs && ruleIndex.countInReachOf(id) > 0 && ruleIndex.boundTo(id).every(hasCodecs);
      if (!isReplaced) yield hit({ kind: 'trunk', trunk }, `${NO_CODEC_WORDS[none.why]}.`);
    }
    for (const rule of rules) {
      yield undefined;
      const none = noCodec(mediaOf(rule));
      if (!none) continue;
      const unsure =
        none.why === 'empty' ? ' Current releases of LiveKit then take the codecs of the trunk that matched.' : '';
      yield hit({ kind: 'rule', rule }, `${NO_CODEC_WORDS[none.why]}.${unsure}`);
    }
  },
  examples: [
    {
      shows: 'only listed codecs count, and none is listed',
      configuration: { trunks: { ST_1: { media: { only_listed_codecs: true, codecs: [] } } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 lets no call through: only_listed_codecs is set, and no codec is listed.',
      },
    },
    {
      shows: 'a rule that lists only Opus',
      configuration: {
        trunks: { ST_1: {} },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'], media: { only_listed_codecs: true, codecs: [{ name: 'opus', rate: 48000 }] } },
        },
      },
      want: {
        trunk: 'none',
        what: 'SDR_1 lets no call through: only_listed_codecs is set, and LiveKit SIP has none of the listed codecs.',
      },
    },
    {
      shows: 'a codec without a rate that LiveKit has no rate for',
      configuration: { trunks: { ST_1: { media: { codecs: [{ name: 'opus' }] } } } },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 lets no call through: it has a codec that LiveKit can’t use: without a rate, it knows only PCMU, PCMA, G722 and AMR-WB.',
      },
    },
    {
      shows: 'only listed codecs count, and one of LiveKit’s is listed',
      configuration: { trunks: { ST_1: { media: { only_listed_codecs: true, codecs: [{ name: 'PCMA' }] } } } },
    },
    {
      shows: 'a further codec beside LiveKit’s own',
      configuration: { trunks: { ST_1: { media: { codecs: [{ name: 'opus', rate: 48000 }] } } } },
    },
    {
      shows: 'an empty list of a trunk whose rule has a list of its own',
      configuration: {
        trunks: { ST_1: { media: { only_listed_codecs: true } } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], media: { codecs: [{ name: 'PCMU' }] } } },
      },
    },
  ],
});

function hit(owner: MediaOwner, why: string): Hit {
  return {
    trunks: owner.kind === 'trunk' ? [owner.trunk.sip_trunk_id] : [],
    rules: owner.kind === 'rule' ? [owner.rule.sip_dispatch_rule_id] : [],
    describe: () => ({
      what: `${ownerName(owner)} lets no call through: ${why}`,
      fixes: [usableCodecs(owner)],
    }),
  };
}
