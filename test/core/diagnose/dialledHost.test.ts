import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeHost, siteFrom } from '../../../src/core/diagnose/facts/site.ts';

const PROJECT = 'vjnxecm0tjk.sip.livekit.cloud';
const URL_HOST = 'first-abcdefgh.livekit.cloud';

interface Known {
  readonly sipHosts?: readonly string[];
  readonly livekitUrlHost?: string;
}

function judged(host: string, { sipHosts = [], livekitUrlHost }: Known) {
  const judgement = judgeHost(siteFrom({ sipHosts, livekitUrlHost, sbcAddresses: [] }), host);
  switch (judgement.kind) {
    case 'expected':
      return ['expected'];
    case 'wrong':
      return [judgement.why, judgement.right];
    case 'unknown':
      return ['unknown', judgement.doubt];
  }
}

describe('a dialled host', () => {
  for (const [what, host, known, wanted] of [
    ['without a project', 'sip.livekit.cloud', {}, ['no_project', undefined]],
    ['that is LiveKit’s domain', 'livekit.cloud', {}, ['no_project', undefined]],
    ['without a project, with a known one', 'sip.livekit.cloud', { sipHosts: [PROJECT] }, ['no_project', PROJECT]],
    [
      'without a project, which LIVEKIT_SIP_HOST has too',
      'sip.livekit.cloud',
      { sipHosts: ['sip.livekit.cloud'] },
      ['no_project', undefined],
    ],
    ['that a LIVEKIT_URL has', URL_HOST, {}, ['no_sip_host', undefined]],
    ['that LIVEKIT_URL has', URL_HOST, { livekitUrlHost: URL_HOST }, ['api_host', undefined]],
    ['of another service of LiveKit', 'vjnxecm0tjk.turn.livekit.cloud', {}, ['no_sip_host', undefined]],
    ['with the whole project id', `p_${PROJECT}`, {}, ['id_prefix', PROJECT]],
    [
      'with the whole project id and a region',
      'p_a1b2.eu.sip.livekit.cloud',
      {},
      ['id_prefix', 'a1b2.eu.sip.livekit.cloud'],
    ],
    ['with the whole id of a known project', `p_${PROJECT}`, { sipHosts: [PROJECT] }, ['id_prefix', PROJECT]],
    ['of a project that can’t be checked', PROJECT, {}, ['unknown', undefined]],
    ['of the project', PROJECT, { sipHosts: [PROJECT] }, ['expected']],
    ['of the project in a region', 'vjnxecm0tjk.eu.sip.livekit.cloud', { sipHosts: [PROJECT] }, ['expected']],
    [
      'of the project in a numbered region',
      'vjnxecm0tjk.us-2.sip.livekit.cloud',
      { sipHosts: [PROJECT] },
      ['expected'],
    ],
    ['of another project', 'other.eu.sip.livekit.cloud', { sipHosts: [PROJECT] }, ['other_project', PROJECT]],
    [
      'on LiveKit Cloud, of self-hosted LiveKit',
      PROJECT,
      { sipHosts: ['sip.example.com'] },
      ['other_project', 'sip.example.com'],
    ],
    [
      'of another project, beside self-hosted LiveKit',
      'other.sip.livekit.cloud',
      { sipHosts: ['sip.example.com', PROJECT] },
      ['other_project', PROJECT],
    ],
    ['anywhere', 'sip.example.com', {}, ['unknown', undefined]],
    ['that only begins like LiveKit’s', 'sip.livekit.cloud.example.com', {}, ['unknown', undefined]],
    ['that only ends like LiveKit’s', 'notlivekit.cloud', {}, ['unknown', undefined]],
    ['that LIVEKIT_SIP_HOST lacks', 'other.example.com', { sipHosts: ['sip.example.com'] }, ['unknown', 'not_listed']],
    ['that LIVEKIT_SIP_HOST has', 'sip.example.com', { sipHosts: ['sip.example.com'] }, ['expected']],
  ] as const) {
    it(`${what} is ${wanted[0]}`, () => assert.deepEqual(judged(host, known), wanted));
  }
});
