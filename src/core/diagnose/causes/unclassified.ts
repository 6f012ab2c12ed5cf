import { defineCause } from '../cause.ts';

export const unclassified = defineCause({
  id: 'unclassified',
  title: 'the evidence does not show why',
  party: 'unknown',
  stage: 'unknown',
  runbook: {
    meaning:
      'No rule accounts for what was seen. It is counted all the same. Causes that the evidence cannot exclude are listed as alternatives.',
    impact:
      'The call failed like any other; only its cause is not known. Many of them mean that something is hidden from sipwhy, or that something new goes wrong.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID`: read "What could not be known" first. It names the variable, the tag or the webhook that would settle it.',
      'Is LiveKit’s configuration known and fresh (`npx sipwhy audit`)? Are JAMBONZ_SBC_ADDRESSES and LIVEKIT_SIP_HOST set? Do LiveKit’s webhooks arrive?',
      'Is the end of the calls reported? Without the dial hook (`actionHook`) a silent call looks like lost webhooks.',
      'Then the trace: PCAP in the portal’s Recent calls, livekit-sip’s log by the SIP Call-ID.',
    ],
    mitigation: [
      'Supply what is missing, and look at the next call.',
      'If the phrase or the pattern is new, report it: the explanation as JSON (`--json`) has all that is needed.',
      'It worked when the calls have a cause; the count of unclassified stands still.',
    ],
  },
  fix: 'Look at what could not be known: LiveKit’s configuration, the SBC’s addresses, webhooks that were lost.',
  confidence: {
    possible: 'Always: nothing is claimed.',
  },
  needs: [],
  // It is what remains when no other cause blocks; see rank.
  match: () => undefined,
  examples: [
    {
      shows: 'silence is not the trunk’s fault where a wildcard rule takes the call past every trunk',
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
      shows: 'a 503 with a phrase that nobody is known to say stays unclassified',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'the same silence is a refusal where the configuration explains it',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
  ],
});
