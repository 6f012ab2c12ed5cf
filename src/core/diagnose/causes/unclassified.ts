import { defineCause } from '../cause.ts';

export const unclassified = defineCause({
  id: 'unclassified',
  title: 'the evidence does not show why',
  party: 'unknown',
  stage: 'unknown',
  runbook: {
    meaning:
      'No rule explains the call. It still counts as a failure. Causes that the evidence can’t exclude are listed as alternatives.',
    impact:
      'The call failed like any other; only its cause is unknown. Many such calls mean that sipwhy lacks information, or that a new kind of failure occurs.',
    diagnosis: [
      'Run `sipwhy explain CALL_SID` and read "Unknown" first: it names the variable, tag or webhook that would settle the cause.',
      'Is LiveKit’s configuration known and fresh (`sipwhy audit`)? Are JAMBONZ_SBC_ADDRESSES and LIVEKIT_SIP_HOST set? Do LiveKit’s webhooks arrive?',
      'Does Jambonz report the end of calls? Without the dial hook (`actionHook`), a silent call looks like lost webhooks.',
      'Then read the trace: the PCAP in the portal’s Recent Calls, and livekit-sip’s log for the SIP Call-ID.',
    ],
    mitigation: [
      'Supply the missing information, and look at the next call.',
      'If the phrase or pattern is new, report it: the explanation as JSON (`--json`) contains everything needed.',
      'Verify that new failures get a cause, and that the unclassified count stops rising.',
    ],
  },
  fix: 'Check what is unknown: LiveKit’s configuration, the SBC addresses, or lost webhooks.',
  confidence: {
    possible: 'Always, because no rule explains the call.',
  },
  needs: [],
  // It is the result when no other cause blocks; see rank.ts.
  match: () => undefined,
  examples: [
    {
      shows: 'silence is not the trunk’s fault if a wildcard rule bypasses every trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }], rules: [{ trunk_ids: [] }] },
      want: { blocking: ['unclassified'], confidence: 'possible', trunk: 'none' },
    },
    {
      shows: 'silence that nothing in the configuration explains stays unclassified',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'silence without LiveKit’s configuration may be any of its refusals',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      want: {
        blocking: ['unclassified'],
        confidence: 'possible',
        alternatives: [
          'no_trunk_configured',
          'called_number_not_on_trunk',
          'source_address_not_allowed',
          'caller_not_allowed',
          'dispatch_rule_number_mismatch',
          'dispatch_rule_other_trunk',
          'no_dispatch_rule',
        ],
      },
    },
    {
      shows: 'a 404 that nothing in the configuration explains stays unclassified',
      call: { response: [404, 'Does not match any SIP Trunks', 200] },
      alike: [
        [404, 'No trunk found', 200],
        [404, 'Does not match Trunks or Dispatch Rules', 200],
        [404, 'Not Found', 200],
      ],
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a 404 without LiveKit’s configuration may be any of its refusals',
      call: { response: [404, 'Does not match any SIP Trunks', 200] },
      alike: [
        [404, 'No trunk found', 200],
        [404, 'Does not match Trunks or Dispatch Rules', 200],
        [404, 'Not Found', 200],
      ],
      want: {
        blocking: ['unclassified'],
        confidence: 'possible',
        alternatives: [
          'no_trunk_configured',
          'called_number_not_on_trunk',
          'source_address_not_allowed',
          'caller_not_allowed',
          'dispatch_rule_number_mismatch',
          'dispatch_rule_other_trunk',
          'no_dispatch_rule',
        ],
      },
    },
    {
      shows: 'a 503 with an unknown phrase stays unclassified',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'the same silence is a refusal if the configuration explains it',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
  ],
});
