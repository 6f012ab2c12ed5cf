import { Type } from 'typebox';

/** The fields of a target of type phone, in a dial verb or under a createCall's `to`. */
export const PHONE_FIELDS = { number: Type.Optional(Type.String()), trunk: Type.Optional(Type.String()) };

export interface Target {
  readonly type?: string;
  readonly number?: string;
  /** The carrier, by its name in Jambonz. */
  readonly trunk?: string;
}

type ReadPhone =
  | { readonly isLiveKit: true; readonly to: string; readonly notes: readonly string[] }
  /** Why the number doesn't go to LiveKit, as far as sipwhy knows. */
  | { readonly isLiveKit: false; readonly why: string };

/**
 * Reads a target of type phone: it reaches LiveKit through a carrier in JAMBONZ_LIVEKIT_CARRIERS, which the target names
 * as its `trunk`, or which Jambonz chooses. `undefined` for any other target.
 */
export function readPhone({ type, number, trunk }: Target, carriers: readonly string[]): ReadPhone | undefined {
  if (type !== 'phone' || number === undefined) return undefined;
  if (carriers.length === 0) {
    const why = 'a target of type phone goes to a carrier; if that is LiveKit, name it in JAMBONZ_LIVEKIT_CARRIERS';
    return { isLiveKit: false, why };
  }
  // The names are compared by Jambonz's database, which doesn't know letter case.
  const isNamed = trunk !== undefined && carriers.some((one) => one.toLowerCase() === trunk.toLowerCase());
  if (trunk !== undefined && !isNamed)
    return { isLiveKit: false, why: `the carrier ${trunk} isn’t in JAMBONZ_LIVEKIT_CARRIERS` };
  const notes = [
    ...(isNamed
      ? []
      : ['The target names no trunk, so Jambonz chooses the carrier. This is checked as if it chose LiveKit.']),
    ...(number.startsWith('+')
      ? [`The SBC strips the + of a number that goes to a carrier: LiveKit sees ${number.slice(1)}.`]
      : []),
  ];
  return { isLiveKit: true, to: number, notes };
}
