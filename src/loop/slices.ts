/** How long, in milliseconds, the work that shares a thread may hold it in one turn of the event loop. */
const TURN_MS = 10;
/** How many pieces of work may begin at once in a turn. Their cost shows only later, so the time alone doesn't bound them. */
const AT_ONCE = 16;

/**
 * The time of a thread, shared by all work that comes in pieces. A turn of the event loop does as much of it as there is
 * time for, and the rest waits for the next turns, in order. So messages, timers and other connections are served in
 * between, however many clients ask at once.
 */
let began = 0;
let begun = 0;
let isMarked = false;
const waiting: (() => void)[] = [];

/** Whether the work of this turn has taken its time. */
function isOver(): boolean {
  if (!isMarked) {
    isMarked = true;
    began = performance.now();
    begun = 0;
    setImmediate(() => {
      isMarked = false;
    });
  }
  return performance.now() - began >= TURN_MS;
}

function wait(work: () => void): void {
  waiting.push(work);
  // Microtasks run after each immediate, so the time of one piece of work is known before the next one begins.
  setImmediate(beginNext);
}

function beginNext(): void {
  if (isOver()) setImmediate(beginNext);
  else waiting.shift()?.();
}

/** Begins a piece of work at once if this turn has time for it, or else in a later one. */
export function takeTurn(work: () => void): void {
  if (isOver() || waiting.length > 0 || begun >= AT_ONCE) {
    wait(work);
    return;
  }
  begun += 1;
  work();
}

/** Call it before each step of long work. If the turn has taken its time, it resolves in a later one. */
export async function pause(): Promise<void> {
  if (isOver()) await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise(wait);
}

/** Maps a list in slices. */
export function mapInSlices<Entry, Result>(list: readonly Entry[], map: (entry: Entry) => Result): Promise<Result[]> {
  return inSlices(mapInSteps(list, map));
}

function* mapInSteps<Entry, Result>(list: readonly Entry[], map: (entry: Entry) => Result): Generator<void, Result[]> {
  const results: Result[] = [];
  for (const entry of list) {
    results.push(map(entry));
    yield;
  }
  return results;
}

/** Runs work that is made of short steps in slices. Resolves to its result. */
export async function inSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (;;) {
    // Asked right before each step, because other work may have taken the time of this turn meanwhile.
    if (isOver()) await nextTurn();
    const { done, value } = steps.next();
    if (done) return value;
  }
}
