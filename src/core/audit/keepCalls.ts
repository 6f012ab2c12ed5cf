import { applyChanges } from '../fixes/apply.ts';
import { type Fix, plainFix, ruleName, trunkName } from '../fixes/fix.ts';
import type { SampleCall } from '../fixes/landing.ts';
import { isDeletion } from '../fixes/rankFixes.ts';
import { trunkListFix } from '../fixes/trunkFix.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { quoted } from './auditFixes.ts';
import { few } from './few.ts';
import type { AuditContext } from './finding.ts';
import { callsTo, getsIn, sendersTo } from './sbcCalls.ts';

interface Configuration {
  readonly snapshot: Snapshot;
  readonly context: AuditContext;
}

/** What keeps calls off a trunk for which they are meant. */
interface Obstacle {
  /** To do before the wildcard rule goes. It has no `change`: it does not end the finding. */
  readonly first: Fix;
  /** The calls that would stop, as in "those … would stop". */
  readonly stops: string;
}

/**
 * A fix that takes a wildcard rule away from calls that match no trunk. Where these calls are meant for one of the trunks,
 * by matching them before and after, the fixes of the trunks come first, and the last one says what would stop without
 * them. It then has no `change`, so that nothing applies it unasked.
 */
export function keepCalls(
  fix: Fix,
  wildcard: DispatchRule,
  trunks: readonly InboundTrunk[],
  configuration: Configuration,
): Fix[] {
  const { change, ...unapplied } = fix;
  if (!change) return [fix];
  const after = applyChanges(configuration.snapshot, [change]);
  const obstacles = trunks.flatMap((trunk) => obstaclesOf(trunk, wildcard, after, configuration));
  if (obstacles.length === 0) return [fix];
  const stops = [...new Set(obstacles.map((one) => one.stops))];
  const action = `Then ${fix.action.replace(/^./, (letter) => letter.toLowerCase())} Without the change before, calls that connect today would stop: ${few(stops)}.`;
  return [
    ...obstacles.map(({ first }) => first),
    // A deletion is never applied unasked.
    isDeletion(change) ? { ...fix, action } : { ...unapplied, action },
  ];
}

function obstaclesOf(
  trunk: InboundTrunk,
  wildcard: DispatchRule,
  after: Snapshot,
  { snapshot, context }: Configuration,
): Obstacle[] {
  const { strictAddresses } = context;
  const stopped = callsTo(trunk, sendersTo(trunk, context), [wildcard]).filter(
    (call) => getsIn(snapshot, call, strictAddresses) && !getsIn(after, call, strictAddresses),
  );
  const failing = (field: 'called' | 'source' | 'caller') =>
    stopped.filter((call) => judged(trunk, call, snapshot, strictAddresses)?.[field] === 'fail');
  const name = trunkName(trunk);
  const by = `get in by ${ruleName(wildcard)} only`;
  const obstacles: Obstacle[] = [];
  if (failing('called').length > 0) {
    const action = `First correct the numbers of ${name}: no call carries ${quoted(trunk.numbers)}, so calls ${by}.`;
    obstacles.push({ first: plainFix(action), stops: `all calls to ${name}` });
  }
  if (failing('caller').length > 0) {
    const action = `First correct allowed_numbers of ${name}: outside callers ${by}.`;
    obstacles.push({ first: plainFix(action), stops: `those of outside callers to ${name}` });
  }
  const sources = [...new Set(failing('source').map(({ address }) => address))];
  if (sources.length > 0) {
    const action = `First add ${few(sources)} to allowed_addresses of ${name}, if Jambonz calls this trunk: calls from ${sources.length === 1 ? 'this SBC' : 'these SBCs'} ${by}.`;
    const { pastes } = trunkListFix(trunk, 'allowed_addresses', { add: sources }, action);
    obstacles.push({ first: { action, pastes }, stops: `those from ${few(sources)} to ${name}` });
  }
  return obstacles;
}

/** The trunk compared with the call, field by field. */
function judged(trunk: InboundTrunk, call: SampleCall, snapshot: Snapshot, strictAddresses: boolean) {
  const { trunkIndex } = snapshot.with({ trunks: [trunk] });
  return trunkIndex.nearest({ ...call, sources: [call.address], strictAddresses }, 1)[0];
}
