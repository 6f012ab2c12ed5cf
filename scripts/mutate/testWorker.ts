import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './testMessages.ts';

/** After how many mutants a process is replaced: each leaves its modules in memory. */
const MUTANTS_A_PROCESS = 40;

/** Runs tests in a process of its own, which is replaced when it hangs or has done much. */
export class TestWorker {
  #child: ChildProcess | undefined;
  #done = 0;

  /** The answer to a task; `undefined` where the process ends, or sends nothing for `withinMs` milliseconds. */
  async ask(task: Task, withinMs: number): Promise<Answer | undefined> {
    const child = this.#child ?? (await this.#start());
    child.send(task);
    const answered = await answerOf(child, withinMs);
    this.#done += 1;
    if (!answered || this.#done % MUTANTS_A_PROCESS === 0) this.stop();
    return answered;
  }

  stop(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #start(): Promise<ChildProcess> {
    const execArgv = ['--disable-warning=ExperimentalWarning', '--test-reporter', pathOf('outcomes.ts')];
    const child = fork(pathOf('testProcess.ts'), { execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    this.#child = child;
    await once(child, 'message');
    return child;
  }
}

/** What a process answers; `undefined` where it ends or is silent for too long. */
function answerOf(child: ChildProcess, withinMs: number): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const give = (answer: Answer | undefined) => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      resolve(answer);
    };
    // The cast: the process sends nothing but answers.
    const onMessage = (message: unknown) => {
      const answer = message as Answer;
      if (answer.kind === 'passed') timer.refresh();
      else give(answer);
    };
    const onExit = () => give(undefined);
    const timer = setTimeout(onExit, withinMs);
    child.on('message', onMessage).on('exit', onExit);
  });
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
