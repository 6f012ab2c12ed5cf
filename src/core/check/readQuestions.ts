import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Question } from '../diagnose/question.ts';
import { parseAddress } from '../trunks/address.ts';
import { readDial } from './dialVerb.ts';
import { LONGEST, MOST_TARGETS } from './questionLimits.ts';

/** The request body of the API's check. */
export const QuestionBody = Type.Object(
  {
    to: Type.Optional(
      Type.String({ minLength: 1, maxLength: LONGEST.to, description: 'The dialled SIP URI, or only its user part.' }),
    ),
    dial: Type.Optional(
      Type.Unknown({
        description: `A Jambonz dial verb with at most ${MOST_TARGETS} targets, an application’s list of verbs, or the body of createCall, instead of "to".`,
      }),
    ),
    caller: Type.Optional(Type.String({ maxLength: LONGEST.caller })),
    source: Type.Optional(
      Type.String({
        maxLength: LONGEST.source,
        description: 'Source address of the INVITE. Default: JAMBONZ_SBC_ADDRESSES.',
      }),
    ),
    auth_username: Type.Optional(
      Type.Union([Type.String({ maxLength: LONGEST.auth_username }), Type.Literal(false)], {
        description: 'false if no credentials are sent. Absent if unknown.',
      }),
    ),
    srtp: Type.Optional(
      Type.Boolean({ description: 'Whether the call offers SRTP. Absent if unknown. A dial verb says it itself.' }),
    ),
  },
  {
    title: 'CheckQuestion',
    description: 'A call that might be made: `to` or `dial`, and what is known of it.',
    examples: [{ to: 'sip:4991874350352@example.sip.livekit.cloud', caller: '+4915112345678', auth_username: false }],
  },
);
const bodyShape = Compile(QuestionBody);

export type ReadQuestions =
  | { readonly ok: true; readonly questions: readonly Question[] }
  | { readonly ok: false; readonly fault: string };

/**
 * Reads the request body: `{to, caller?, source?, auth_username?, srtp?}`, where `auth_username` is `false` if no
 * credentials are sent, or `{dial, caller?, source?}` with a Jambonz dial verb or the body of
 * createCall. `carriers` are those of JAMBONZ_LIVEKIT_CARRIERS.
 */
export function readQuestions(json: unknown, carriers: readonly string[] = []): ReadQuestions {
  if (!bodyShape.Check(json)) {
    const [first] = bodyShape.Errors(json);
    return { ok: false, fault: `${first?.instancePath.slice(1) || 'the body'} ${first?.message}` };
  }
  const unknown = Object.keys(json).filter((key) => !Object.hasOwn(QuestionBody.properties, key));
  if (unknown.length > 0) {
    return {
      ok: false,
      fault: `unknown field ${unknown[0]}; known fields are ${Object.keys(QuestionBody.properties).join(', ')}`,
    };
  }
  const { to, dial, caller, source, auth_username, srtp } = json;
  if (source !== undefined && !parseAddress(source)) {
    return { ok: false, fault: `source must be an IP address, got ${JSON.stringify(source)}` };
  }
  if ((to === undefined) === (dial === undefined)) {
    return {
      ok: false,
      fault: 'give either "to" (a number or SIP URI) or "dial" (a Jambonz dial verb, or the body of createCall)',
    };
  }
  if (to === undefined) return readDial(dial, caller, source, carriers);
  const auth =
    auth_username === undefined
      ? undefined
      : auth_username === false
        ? ({ sent: false } as const)
        : ({ sent: true, username: auth_username } as const);
  return { ok: true, questions: [{ to, caller, source, auth, srtp }] };
}
