import type { Question } from '../diagnose/question.ts';

/** How many targets of a dial verb are checked at once. */
export const MOST_TARGETS = 50;

/** The longest texts, in characters. No call carries longer ones. */
export const LONGEST = { to: 1_000, caller: 256, source: 64, auth_username: 256 } as const;

/** The first text of a question that is too long, by its name in the request; `undefined` if none is. */
export function tooLong({ to, caller, source, auth }: Question): string | undefined {
  const texts = { to, caller, source, auth_username: auth?.sent ? auth.username : undefined };
  for (const [field, text = ''] of Object.entries(texts)) {
    const most = LONGEST[field as keyof typeof texts];
    if (text.length > most) return `${field} must have at most ${most} characters, got ${text.length}`;
  }
  return undefined;
}
