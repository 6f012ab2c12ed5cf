import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

// Only what `connect` reads. Jambonz's answers are rows of its database, so an absent value is null.
const Nullable = Type.Optional(Type.Union([Type.String(), Type.Null()]));

const HOOK = Type.Object({
  webhook_sid: Type.Optional(Type.String()),
  url: Type.String(),
  method: Nullable,
  username: Nullable,
  password: Nullable,
});
export type JambonzHook = Static<typeof HOOK>;

const OptionalHook = Type.Optional(Type.Union([HOOK, Type.Null()]));

const APPLICATION = Type.Object({
  application_sid: Type.String(),
  name: Type.String(),
  account_sid: Nullable,
  call_hook: OptionalHook,
  call_status_hook: OptionalHook,
});
export type JambonzApplication = Static<typeof APPLICATION>;

const ACCOUNT = Type.Object({
  account_sid: Type.String(),
  name: Type.String(),
  service_provider_sid: Nullable,
});
export type JambonzAccount = Static<typeof ACCOUNT>;

const SBC = Type.Object({ ipv4: Type.String(), last_updated: Nullable });
export type JambonzSbc = Static<typeof SBC>;

const ALERT = Type.Object({ time: Type.String(), alert_type: Type.String(), message: Type.String() });
export type JambonzAlert = Static<typeof ALERT>;

/** `attempted_at` is a time in epoch milliseconds, or in ISO 8601. */
const RECENT_CALL = Type.Object({ attempted_at: Type.Union([Type.Number(), Type.String()]) });
export type JambonzRecentCall = Static<typeof RECENT_CALL>;

const CALL = Type.Object({ application_sid: Nullable });
export type JambonzCall = Static<typeof CALL>;

export const application = Compile(APPLICATION);
export const applications = Compile(Type.Array(APPLICATION));
export const account = Compile(ACCOUNT);
export const accounts = Compile(Type.Array(ACCOUNT));
export const webhookSecret = Compile(Type.Object({ webhook_secret: Nullable }));
export const sbcs = Compile(Type.Array(SBC));
export const created = Compile(Type.Object({ sid: Type.String() }));
export const alerts = Compile(Type.Object({ data: Type.Array(ALERT) }));
export const recentCalls = Compile(Type.Object({ data: Type.Array(RECENT_CALL) }));
export const calls = Compile(Type.Array(CALL));
/** The two forms of an error. */
export const refusal = Compile(
  Type.Object({ msg: Type.Optional(Type.String()), message: Type.Optional(Type.String()) }),
);
