/** What a test process is asked to do. */
export type Task =
  /** Runs each test file unchanged and tells what of the core it reaches. */
  | { readonly kind: 'baseline'; readonly tests: readonly string[] }
  /** Runs the test files in order, with one file's text replaced, until a test fails. */
  | {
      readonly kind: 'mutant';
      readonly id: number;
      readonly file: string;
      /** The mutated file in JavaScript. */
      readonly text: string;
      /** The files to be loaded anew: all that load the mutated one, and itself. */
      readonly anew: readonly string[];
      readonly tests: readonly string[];
    };

/** Parts of a file that ran, and parts within them that did not; the innermost decides. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly ran: boolean;
}

export type RangesByFile = Readonly<Record<string, readonly Range[]>>;

/** What one test file does where nothing is mutated. */
export interface TestFile {
  readonly test: string;
  readonly ok: boolean;
  readonly ms: number;
  /** What ran while the file and what it imports were loaded. */
  readonly atLoad: RangesByFile;
  /** What ran while its tests ran. */
  readonly inTests: RangesByFile;
}

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'baseline'; readonly files: readonly TestFile[] }
  /** A test file found nothing in a mutant: the next one begins. */
  | { readonly kind: 'passed'; readonly id: number }
  /** `killedBy`: the test file that failed; `undefined` where none did. */
  | { readonly kind: 'mutant'; readonly id: number; readonly killedBy: string | undefined };
