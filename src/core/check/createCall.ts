import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Question } from '../diagnose/question.ts';
import type { DialContext, ReadDial } from './dialVerb.ts';
import { PHONE_FIELDS, readPhone } from './phoneTarget.ts';
import { tooLong } from './questionLimits.ts';

const Headers = Type.Optional(Type.Record(Type.String(), Type.Unknown()));
const CreateCall = Type.Object({
  from: Type.Optional(Type.String()),
  to: Type.Object({
    type: Type.Optional(Type.String()),
    sipUri: Type.Optional(Type.String()),
    ...PHONE_FIELDS,
    auth: Type.Optional(
      Type.Object({ username: Type.Optional(Type.String()), password: Type.Optional(Type.String()) }),
    ),
    headers: Headers,
  }),
  headers: Headers,
  auth: Type.Optional(Type.Unknown()),
  srtpEncryption: Type.Optional(Type.Unknown()),
  referHook: Type.Optional(Type.Unknown()),
});
const shape = Compile(CreateCall);

/** Whether JSON is the body of a createCall of Jambonz's REST API: its target is an object under `to`. */
export function isCreateCall(json: unknown): json is { readonly to: object } {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || 'verb' in json) return false;
  return 'to' in json && typeof json.to === 'object' && json.to !== null;
}

/** Reads the body of a createCall as a question. Its credentials are under `to`; the caller is its `from`. */
export function readCreateCall(json: object, { caller, source, carriers }: DialContext): ReadDial {
  if (!shape.Check(json)) {
    const [first] = shape.Errors(json);
    const field = first?.instancePath.slice(1).replaceAll('/', '.') || 'form';
    return { ok: false, fault: `the createCall body’s ${field} ${first?.message}` };
  }
  const { to, from, headers } = json;
  const phone = readPhone(to, carriers);
  if (phone?.isLiveKit) {
    const { to: number, notes } = phone;
    return questionOf({
      to: number,
      caller: from ?? caller,
      source,
      auth: undefined,
      byCarrier: true,
      byRest: true,
      notes: [...notesOn(json), ...notes],
    });
  }
  if (to.sipUri === undefined || (to.type !== undefined && to.type !== 'sip')) {
    const why = phone ? `; ${phone.why}` : '';
    return { ok: false, fault: `the createCall body’s to must be of type sip, with a sipUri${why}` };
  }
  const username = to.auth?.username;
  return questionOf({
    to: to.sipUri,
    caller: from ?? caller,
    source,
    auth: username ? { sent: true, username } : { sent: false },
    srtp: [headers, to.headers].some(offersSrtp),
    byRest: true,
    notes: notesOn(json),
  });
}

function questionOf(question: Question): ReadDial {
  const fault = tooLong(question);
  return fault === undefined
    ? { ok: true, questions: [question] }
    : { ok: false, fault: `the createCall body: ${fault}` };
}

/** createCall has no field for SRTP. The SBC reads it from the header that the dial verb's srtpEncryption sets. */
function offersSrtp(headers: object | undefined): boolean {
  return Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'x-jambonz-srtp');
}

function notesOn({ auth, srtpEncryption, referHook }: Static<typeof CreateCall>): string[] {
  return [
    ...(auth === undefined ? [] : ['Jambonz ignores auth beside to: credentials belong in to.auth.']),
    ...(srtpEncryption === undefined
      ? []
      : [
          'createCall has no srtpEncryption: Jambonz ignores it. The header X-Jambonz-SRTP: sdes in to.headers does the same.',
        ]),
    ...(referHook
      ? []
      : [
          'The body has no referHook, so Jambonz refuses a transfer by the agent (TransferSIPParticipant) with 501, and the call goes on, unless a config verb of the application sets one.',
        ]),
  ];
}
