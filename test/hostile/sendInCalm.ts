import { setTimeout } from 'node:timers/promises';
import type { Target } from './attackedService.ts';

/** Sends a request, again while the service sheds load: its machine may be busy with other things. */
export async function sendInCalm(service: Target, path: string, sent: Parameters<Target['send']>[1] = {}) {
  for (;;) {
    const answer = await service.send(path, sent);
    if (!answer.text.includes('urn:sipwhy:problem:overloaded')) return answer;
    await setTimeout(200);
  }
}
