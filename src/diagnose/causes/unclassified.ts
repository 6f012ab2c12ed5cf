import { defineCause } from '../cause.ts';

export const unclassified = defineCause({
  id: 'unclassified',
  title: 'the evidence does not show why',
  party: 'unknown',
  stage: 'unknown',
  meaning:
    'No rule accounts for what was seen. It is counted all the same. Causes that the evidence cannot exclude are listed ' +
    'as alternatives.',
  fix: 'Look at what could not be known: LiveKit’s configuration, the SBC’s addresses, webhooks that were lost.',
  confidence: {
    possible: 'Always: nothing is claimed.',
  },
  needs: [],
  // It is what remains when no other cause blocks; see rank.
  match: () => undefined,
});
