import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Question } from '../diagnose/question.ts';
import { isCreateCall, readCreateCall } from './createCall.ts';
import { PHONE_FIELDS, readPhone } from './phoneTarget.ts';
import { MOST_TARGETS, tooLong } from './questionLimits.ts';

const Target = Type.Object({
  type: Type.Optional(Type.String()),
  sipUri: Type.Optional(Type.String()),
  ...PHONE_FIELDS,
  auth: Type.Optional(Type.Object({ username: Type.Optional(Type.String()), password: Type.Optional(Type.String()) })),
});
const Dial = Type.Object({
  verb: Type.Literal('dial'),
  callerId: Type.Optional(Type.String()),
  // Jambonz refuses a verb with any other value.
  srtpEncryption: Type.Optional(Type.String({ pattern: '^(sdes|dtls)$' })),
  referHook: Type.Optional(Type.Unknown()),
  answerOnBridge: Type.Optional(Type.Unknown()),
  anchorMedia: Type.Optional(Type.Unknown()),
  exitMediaPath: Type.Optional(Type.Unknown()),
  auth: Type.Optional(Type.Unknown()),
  target: Type.Array(Target),
});
const dialShape = Compile(Dial);

export type ReadDial =
  | { readonly ok: true; readonly questions: readonly Question[] }
  | { readonly ok: false; readonly fault: string };

/** What is known besides the verb. `carriers` are those of JAMBONZ_LIVEKIT_CARRIERS. */
export interface DialContext {
  readonly caller: string | undefined;
  readonly source: string | undefined;
  readonly carriers: readonly string[];
}

/**
 * Reads a Jambonz dial verb, alone or in the list of verbs of an application, as one question for each of its targets
 * that go to LiveKit, or the body of createCall. A SIP target without auth sends no credentials, and a verb without
 * srtpEncryption offers it no SRTP. `caller` and `source` are not part of the verb.
 */
export function readDial(
  json: unknown,
  caller: string | undefined,
  source: string | undefined,
  carriers: readonly string[] = [],
): ReadDial {
  const context = { caller, source, carriers };
  if (isCreateCall(json)) return readCreateCall(json, context);
  const verbs = (Array.isArray(json) ? json : [json]).map(withVerb);
  const at = verbs.findIndex((candidate) => isVerb(candidate) && candidate.verb === 'dial');
  const verb = verbs[at];
  if (!isVerb(verb)) return { ok: false, fault: withoutDial(verbs) };
  const { target } = verb;
  if (isVerb(target) && !Array.isArray(target))
    return { ok: false, fault: 'the dial verb’s target must be a list, also of one target: Jambonz refuses an object' };
  if (Array.isArray(target) && target.length > MOST_TARGETS) {
    return {
      ok: false,
      fault: `the dial verb’s target must have at most ${MOST_TARGETS} entries, got ${target.length}`,
    };
  }
  if (!dialShape.Check(verb)) {
    const [first] = dialShape.Errors(verb);
    return { ok: false, fault: `the dial verb’s ${first?.instancePath.slice(1) || 'form'} ${first?.message}` };
  }
  const notes = [...notesOn(verb), ...(Array.isArray(json) ? notesOnAnswer(verb, verbs.slice(0, at)) : [])];
  const questions = verb.target.flatMap((one) => questionOf(verb, one, context, notes));
  if (questions.length === 0) {
    const [why = ''] = verb.target.flatMap((one) => whyNotPhone(one, context.carriers));
    return { ok: false, fault: `the dial verb has no target of type sip${why}` };
  }
  const fault = questions.map(tooLong).find((one) => one !== undefined);
  return fault === undefined ? { ok: true, questions } : { ok: false, fault: `a target of the dial verb: ${fault}` };
}

/** Jambonz also takes a verb as the only key of its object: `{"dial": {…}}`. */
function withVerb(json: unknown): unknown {
  if (!isVerb(json) || Array.isArray(json) || 'verb' in json) return json;
  const [[verb, fields] = [], ...others] = Object.entries(json);
  return isVerb(fields) && !Array.isArray(fields) && others.length === 0 ? { ...fields, verb } : json;
}

function withoutDial(verbs: readonly unknown[]): string {
  const fault = 'found neither a dial verb nor a body of createCall, which has an object as to';
  const at = verbs.findIndex((one) => isVerb(one) && !('verb' in one));
  return at < 0 ? fault : `${fault}; entry ${at + 1} has no "verb", which Jambonz requires, such as "verb": "dial"`;
}

function whyNotPhone(target: Static<typeof Target>, carriers: readonly string[]): string[] {
  const phone = readPhone(target, carriers);
  return phone && !phone.isLiveKit ? [`; ${phone.why}`] : [];
}

function questionOf(
  verb: Static<typeof Dial>,
  target: Static<typeof Target>,
  { caller, source, carriers }: DialContext,
  notes: readonly string[],
): Question[] {
  // The verb's callerId is what LiveKit sees.
  const known = { caller: verb.callerId ?? caller, source };
  const phone = readPhone(target, carriers);
  // A carrier has its own credentials and its own setting for SRTP.
  if (phone?.isLiveKit)
    return [{ to: phone.to, ...known, auth: undefined, byCarrier: true, notes: [...notes, ...phone.notes] }];
  const { sipUri, auth } = target;
  if (sipUri === undefined) return [];
  const username = auth?.username;
  return [
    {
      to: sipUri,
      ...known,
      auth: username ? { sent: true, username } : { sent: false },
      srtp: verb.srtpEncryption !== undefined,
      notes,
    },
  ];
}

function notesOn({ auth, referHook, anchorMedia, exitMediaPath }: Static<typeof Dial>): string[] {
  return [
    ...(auth === undefined
      ? []
      : ['Jambonz ignores the auth of the verb: credentials belong in the auth of its target.']),
    ...(referHook
      ? []
      : [
          'The verb has no referHook, so Jambonz refuses a transfer by the agent (TransferSIPParticipant) with 501, and the call goes on. If the agent transfers calls, add a referHook.',
        ]),
    // Without it audio still passes through the SBC, anchored or not. Jambonz obeys anchorMedia where both are set.
    ...(exitMediaPath === true && !anchorMedia
      ? [
          'The verb has exitMediaPath and no anchorMedia, so audio leaves Jambonz after the answer: the carrier and LiveKit must reach each other, and accept a re-INVITE with another address. If calls turn silent after the answer, set "anchorMedia": true or remove exitMediaPath.',
        ]
      : []),
  ];
}

/** Verbs that leave the caller's leg as it is. */
const LEAVE_UNANSWERED: readonly unknown[] = ['pause', 'tag', 'message'];
/** Verbs that leave it unanswered with earlyMedia. */
const WITH_EARLY_MEDIA: readonly unknown[] = ['say', 'play'];

/**
 * Jambonz answers the caller for the first verb that needs media: a dial too, unless it has answerOnBridge. Nothing is
 * noted after any other verb, which may have answered the caller. A dial verb alone says nothing about the verbs before.
 */
function notesOnAnswer({ answerOnBridge }: Static<typeof Dial>, before: readonly unknown[]): string[] {
  if (answerOnBridge === true || !before.every(leavesUnanswered)) return [];
  return [
    'No verb before the dial answers the caller, and the dial has no answerOnBridge. If the list begins an inbound call, Jambonz answers the caller before LiveKit answers, and the caller then waits without ringing. With "answerOnBridge": true, Jambonz answers the caller when LiveKit answers. If such a dial fails, answer its hook with sip:decline: hangup does not end an unanswered call.',
  ];
}

function leavesUnanswered(json: unknown): boolean {
  if (!isVerb(json)) return false;
  return LEAVE_UNANSWERED.includes(json.verb) || (WITH_EARLY_MEDIA.includes(json.verb) && json.earlyMedia === true);
}

interface Verb {
  readonly verb?: unknown;
  readonly target?: unknown;
  readonly earlyMedia?: unknown;
}

function isVerb(json: unknown): json is Verb {
  return typeof json === 'object' && json !== null;
}
