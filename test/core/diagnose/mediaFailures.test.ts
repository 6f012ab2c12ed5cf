import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleConfiguration, ExampleResponse } from '../../../src/core/diagnose/causeExample.ts';
import { explainExample } from '../examples.ts';

const REQUIRE = 'SIP_MEDIA_ENCRYPT_REQUIRE';
const enc = (encryption: string) => ({ media: { encryption } });
const older = (media_encryption: string) => ({ media_encryption });
const only = (...codecs: readonly object[]) => ({ media: { only_listed_codecs: true, codecs } });
const OPUS = { name: 'opus', rate: 48000 };

// Responses after one ringing, with the causes that block and those that can't be excluded.
const RANG: readonly [
  string,
  ExampleConfiguration | undefined,
  ExampleResponse,
  readonly string[],
  string,
  readonly string[],
][] = [
  ['a codec nobody has', {}, [400, 'Bad Request', 230], ['media_negotiation_failed'], 'certain', []],
  [
    'SRTP required by the trunk',
    { trunks: [enc(REQUIRE)] },
    [400, 'Bad Request', 230],
    ['media_encryption_mismatch'],
    'likely',
    ['media_negotiation_failed'],
  ],
  [
    'SRTP required by the rule',
    { rules: [older(REQUIRE)] },
    [400, 'Bad Request', 230],
    ['media_encryption_mismatch'],
    'likely',
    ['media_negotiation_failed'],
  ],
  [
    'SRTP required, but a 500',
    { trunks: [enc(REQUIRE)] },
    [500, 'Server Internal Error', 230],
    ['media_negotiation_failed'],
    'likely',
    [],
  ],
  [
    'no codec listed',
    { trunks: [only()] },
    [500, 'Server Internal Error', 230],
    ['trunk_allows_no_codec'],
    'certain',
    [],
  ],
  [
    'no codec listed, but a 400',
    { trunks: [only()] },
    [400, 'Bad Request', 230],
    ['media_negotiation_failed'],
    'certain',
    [],
  ],
  ['only Opus listed', { trunks: [only(OPUS)] }, [400, 'Bad Request', 230], ['trunk_allows_no_codec'], 'certain', []],
  [
    'only Opus listed and SRTP required',
    { trunks: [{ media: { ...only(OPUS).media, encryption: REQUIRE } }] },
    [400, 'Bad Request', 230],
    ['media_encryption_mismatch', 'trunk_allows_no_codec'],
    'likely',
    [],
  ],
  [
    'an unknown configuration, 400',
    undefined,
    [400, 'Bad Request', 230],
    ['media_negotiation_failed'],
    'likely',
    ['media_encryption_mismatch'],
  ],
  [
    'an unknown configuration, 500',
    undefined,
    [500, 'Server Internal Error', 230],
    ['media_negotiation_failed'],
    'likely',
    ['trunk_allows_no_codec'],
  ],
  [
    'a stale phrase of Jambonz’s own error',
    { trunks: [only()] },
    [500, 'Ringing', 230],
    ['jambonz_internal_error'],
    'certain',
    [],
  ],
];

describe('a call that rang once and then failed, with', () => {
  for (const [what, livekit, response, blocking, confidence, alternatives] of RANG) {
    it(what, () => {
      const got = explainExample({
        shows: what,
        call: { ringing: [90], response },
        ...(livekit && { livekit }),
        want: { blocking, confidence: null },
      });
      assert.deepEqual([got.blocking, got.confidence, got.alternatives], [blocking, confidence, alternatives]);
    });
  }
});
