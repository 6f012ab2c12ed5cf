import { backendDown, beforeLiveKit, type Ending } from './endings.ts';
import { FAULTS, type Fault, putConflict, putIn } from './faults.ts';
import { type Attempt, attempt, inviteOf, LONG_MS } from './generatedAttempt.ts';
import type { Answer } from './generatedJambonz.ts';
import { type Admission, admit } from './generatedLivekit.ts';
import { meantOtherwise } from './meant.ts';
import { livekitPlay, wrongHostPlay } from './refusals.ts';
import { setPassword, type World } from './world.ts';

/** A leg to LiveKit with up to three faults of configuration or of the application, alone or under another failure. */
export function faultyAttempt(world: World): Attempt {
  const { random, site } = world;
  const possible = FAULTS.filter((fault) => fault !== 'host' || site.wrongHosts.length > 0);
  const wanted = random.pick([1, 1, 1, 2, 2, 3]);
  const chosen = new Set<Fault>();
  while (chosen.size < wanted) chosen.add(possible[random.below(possible.length)] ?? 'called');
  if (chosen.has('auth_missing')) chosen.delete('auth_rejected');
  const hasConflict =
    !(['called', 'source', 'caller', 'dispatch', 'host'] as const).some((fault) => chosen.has(fault)) &&
    random.chance(0.4);
  const faults = FAULTS.filter((fault) => chosen.has(fault));
  const isSeen = random.chance(0.4);
  if (!chosen.has('auth_missing') && !chosen.has('auth_rejected') && random.chance(0.2)) {
    setPassword(random, world.trunk);
    world.credentials = { username: world.trunk.auth_username, password: world.trunk.auth_password };
  }
  // Credentials first: what comes after is checked against them.
  const causes = new Map<Fault, string>();
  for (const fault of faults) causes.set(fault, fault === 'host' ? 'sip_host_wrong' : putIn(world, fault));
  if (hasConflict) putConflict(world);

  const all = faults.map((fault) => causes.get(fault) ?? '');
  const isHidden = (cause: string) =>
    (cause === 'auth_missing' && !isSeen) ||
    (cause === 'auth_rejected' && (!isSeen || world.credentials?.username === world.trunk.auth_username));
  const hiddenMissing = all.filter((cause) => cause === 'auth_missing' && isHidden(cause));

  const under = faults.includes('host') || random.chance(0.75) ? undefined : otherFailure(world);
  if (under) {
    const { cause, answers, uri } = under;
    const latent = all.filter((name) => name !== 'auth_rejected' || !isHidden(name));
    const beneath = [all.filter((name) => !isHidden(name)), ...meantOtherwise(world, isSeen)];
    if (hasConflict) {
      latent.push('trunk_conflict');
      for (const set of beneath) set.unshift('trunk_conflict');
    }
    // A conflict stops the call with the same answer as an outage does; behind an old SBC, with that of a refused port.
    const isAlike = all.includes('dispatch_rule_conflict') || hasConflict;
    const also = isAlike && isLikeConflict(answers) ? beneath : [];
    return attempt(world, { isSeen, uri }, { answers, timeout: LONG_MS }, { blocking: [cause], also, latent, beneath });
  }
  const admission = admit(world.configuration, inviteOf(world));
  mustStop(admission, faults, hasConflict);
  if (faults.includes('host')) {
    const shown = all.filter((cause) => !isHidden(cause));
    const wrongHost = site.wrongHosts[random.below(site.wrongHosts.length)] ?? '';
    const also = meantOtherwise(world, isSeen).map((set) => ['sip_host_wrong', ...set]);
    return attempt(world, { isSeen, host: wrongHost }, wrongHostPlay(world), {
      blocking: shown,
      also,
      latent: hiddenMissing,
    });
  }
  const isChecked = admission.kind === 'challenged' || admission.kind === 'rejected';
  const shown = all.filter((cause) => isChecked || !isHidden(cause));
  const blocking = hasConflict ? ['trunk_conflict', ...shown] : shown;
  const play = livekitPlay(world, admission);
  const isBrief = play.hungUpAfter !== undefined && play.hungUpAfter < 2_500;
  const also = [...meantOtherwise(world, isSeen), ...(isBrief ? [['caller_abandoned']] : [])];
  return attempt(world, { isSeen }, play, { blocking, also, latent: isChecked ? [] : hiddenMissing });
}

function isLikeConflict(answers: readonly Answer[]): boolean {
  return answers.some(({ reason }) => reason === 'Service Unavailable' || reason === 'Try again later');
}

/** Another failure that hides whatever else is wrong. */
export function otherFailure({ random }: World): Ending {
  return random.chance(0.75) ? beforeLiveKit(random) : backendDown(random);
}

/** The matching must agree with how the case was made; else the case is wrong, not the code under test. */
function mustStop({ kind }: Admission, faults: readonly Fault[], hasConflict: boolean): void {
  const isStopped = faults.some((fault) => fault !== 'host');
  if (hasConflict ? kind !== 'trunks_conflict' : isStopped !== (kind !== 'admitted')) {
    throw new Error(`the case was made to be stopped by ${faults.join()}: ${kind}`);
  }
}
