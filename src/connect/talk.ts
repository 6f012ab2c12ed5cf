import { ConnectFault } from './connectFault.ts';

/** How `connect` speaks with a person. */
export interface Talk {
  say(text: string): void;
  /** `nobody`: there is no terminal, and no permission was given beforehand. */
  ask(question: string): Promise<'yes' | 'no' | 'nobody'>;
  /** Shows that it is still waiting. */
  onSecond(passed: number): void;
}

/** Rejects if nobody can be asked: then nothing may change. */
export async function isWanted(talk: Talk, question: string): Promise<boolean> {
  const answer = await talk.ask(question);
  if (answer !== 'nobody') return answer === 'yes';
  throw new ConnectFault(
    'nothing was changed, because standard input is not a terminal and nobody can be asked; give --yes to change it without a question',
  );
}
