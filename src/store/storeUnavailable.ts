/**
 * Why the store cannot be used. `lost`: its file was deleted or replaced. `failing`: the disk fails. `unreachable`:
 * PostgreSQL does not answer.
 */
export type StoreFault = 'unreachable' | 'full' | 'failing' | 'locked' | 'read_only' | 'lost' | 'damaged';

/** The database accepts nothing at the moment. The same statement may succeed later. */
export class StoreUnavailable extends Error {
  /** The HTTP server answers with this status, so that clients try again. */
  readonly statusCode = 503;
  /** Whether whoever watches the database logs it once, so that nobody else needs to. */
  isLoggedOnce = false;
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
  }
}

/** Whether somebody did something to the file of the store, so that the service should be looked at. */
export function concernsFile(fault: StoreFault): boolean {
  return fault === 'locked' || fault === 'read_only' || fault === 'lost' || fault === 'damaged';
}
