import { type CallEvent, callIdOf } from '../call/callEvent.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import { LiveKitSide } from '../correlate/liveKitSide.ts';
import { type KnownVerdicts, OpenCall } from '../correlate/openCall.ts';
import { AttemptDiagnoser, type ConfigurationThroughTime } from '../diagnose/diagnoseAttempt.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { judgeCall, type Verdict } from '../diagnose/judgeCall.ts';

/**
 * Calls under virtual time, all in memory: the stages that the engine runs from the store, for recordings. `now` is
 * given, and `nextDeadline` says when to come back.
 */
export class VirtualCalls {
  readonly #liveKit = new LiveKitSide();
  readonly #diagnoser: AttemptDiagnoser;
  readonly #open = new Map<string, OpenCall>();

  constructor(site: Site, configurationAt: ConfigurationThroughTime['at'], diagnoser?: AttemptDiagnoser) {
    this.#diagnoser = diagnoser ?? new AttemptDiagnoser(site, { at: configurationAt, changesUpTo: () => [] });
  }

  /** How many calls are in memory: not over, or only just. */
  get openCalls(): number {
    return this.#open.size;
  }

  has(callId: string): boolean {
    return this.#open.has(callId);
  }

  /** Loads a call from its recorded events; `known` are the verdicts on all of them. */
  restore(callId: string, events: readonly CallEvent[], known: KnownVerdicts): void {
    const call = new OpenCall(callId, events);
    this.#open.set(callId, call);
    this.#liveKit.setLegs(callId, call.attempts);
    call.restoreVerdicts(known, true, this.#liveKit.joinsOf(callId));
  }

  /** Adds one webhook of Jambonz's to its call. */
  accept(event: CallEvent): void {
    const callId = callIdOf(event);
    const call = this.#open.get(callId) ?? new OpenCall(callId);
    this.#open.set(callId, call);
    call.add(event);
    this.#liveKit.setLegs(callId, call.attempts);
  }

  /** Adds a LiveKit webhook, and has the affected calls judged again. */
  acceptLiveKit(event: LiveKitEvent): void {
    for (const callId of this.#liveKit.add(event)) this.reconsider(callId);
  }

  /** The SIP Call-IDs of the participants in the event's room, whose reports may have changed. */
  callIdsInRoomOf(event: LiveKitEvent): Set<string> {
    return this.#liveKit.callIdsInRoomOf(event);
  }

  /** Has every attempt of a call judged again. */
  reconsider(callId: string): void {
    this.#open.get(callId)?.reconsider();
  }

  /** When, in epoch milliseconds, `settle` has something to do if nothing more arrives; `undefined` when never. */
  nextDeadline(): number | undefined {
    const deadlines = [...this.#open.values()].map((call) => call.nextAt(this.#liveKit.joinsOf(call.id)));
    return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
  }

  /** The verdicts that are due by `now`. Evicts calls that are over. */
  settle(now: number): Verdict[] {
    const verdicts = [...this.#open.values()].flatMap((call) => [
      ...judgeCall(call, this.#liveKit, this.#diagnoser, now),
    ]);
    // Later calls may change the verdict on a call that was judged before them.
    for (const callId of this.#diagnoser.takeAffected()) this.reconsider(callId);
    for (const call of this.#open.values()) {
      if (!call.isOver(now, this.#liveKit.joinsOf(call.id))) continue;
      this.#open.delete(call.id);
      this.#liveKit.deleteLegs(call.id);
    }
    this.#liveKit.evictQuiet(now);
    return verdicts;
  }
}
