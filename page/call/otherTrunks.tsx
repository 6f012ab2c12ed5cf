import type { MatchTrace } from '../api/types.ts';
import { Fold } from '../parts/fold.tsx';
import { Match } from '../parts/matchTrace.tsx';
import { counted } from '../text/words.ts';

/** LiveKit's matching, trunk by trunk and rule by rule, behind one line. */
export function OtherTrunks({ match, isOpen = false }: { match: MatchTrace; isOpen?: boolean }) {
  const trunks = match.trunks.length + match.trunks_left_out;
  const rules = match.dispatch_rules.length + match.dispatch_rules_left_out;
  if (isOpen) {
    return (
      <section class="card" aria-label="LiveKit’s matching">
        <h2>LiveKit’s matching</h2>
        <Match match={match} />
      </section>
    );
  }
  return (
    <Fold summary={`Field by field: ${counted(trunks, 'trunk')}, ${counted(rules, 'rule')}`}>
      <Match match={match} />
    </Fold>
  );
}
