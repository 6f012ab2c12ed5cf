import type { Answers } from './answers.ts';
import { toText as auditText } from './audit/text.ts';
import { readQuestions } from './check/readQuestions.ts';
import { checkToText } from './check/text.ts';
import { differenceText, historyText } from './explain/history.ts';
import { callsPage, checkPage, textPage } from './explain/page.ts';
import { toText } from './explain/text.ts';

const NO_CONFIGURATION = 'LiveKit’s trunks and rules are not known: see LIVEKIT_URL and LIVEKIT_CONFIG_FILE.';

/** Renders the view that the address names, from the same content as the API and the commands. */
export async function renderView(answers: Answers, query: URLSearchParams): Promise<string> {
  const callSid = query.get('call');
  if (callSid !== null) {
    const call = await answers.describeCall(callSid);
    if (!call) return textPage('Call', `No webhook of a leg with call_sid ${callSid} was received.`);
    return textPage('Call', call.attempts.map(toText).join('\n') || 'The call is not over yet.');
  }
  switch (query.get('view')) {
    case 'audit': {
      const audit = answers.audit();
      return textPage('Trunks and rules', audit ? auditText(audit) : NO_CONFIGURATION);
    }
    case 'history': {
      const [from, to] = [query.get('from'), query.get('to')];
      return textPage('Configuration history', await historyOf(answers, from, to));
    }
    case 'check':
      return checkView(answers, Object.fromEntries([...query].filter(([, value]) => value.trim() !== '')));
    default:
      return callsPage(await answers.latest(100));
  }
}

/** All versions, or what changed between two of them. */
async function historyOf(answers: Answers, from: string | null, to: string | null): Promise<string> {
  if (from === null || to === null) return historyText(await answers.history(100));
  const difference = await answers.difference(Number(from), Number(to));
  return difference ? differenceText(difference) : `Version ${from} or ${to} is not kept.`;
}

function checkView(answers: Answers, { view: _, ...asked }: Record<string, string>): string {
  if (Object.keys(asked).length === 0) return checkPage(asked, undefined);
  const { dial, auth_username, ...rest } = asked;
  const reading = readQuestions({
    ...rest,
    ...(dial !== undefined && { dial: jsonOr(dial) }),
    ...(auth_username !== undefined && { auth_username: auth_username === 'false' ? false : auth_username }),
  });
  if (!reading.ok) return checkPage(asked, reading.fault);
  const checked = answers.check(reading.questions);
  return checkPage(asked, checked ? checked.map(checkToText).join('\n') : NO_CONFIGURATION);
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
