import { randomUUID } from 'node:crypto';
import type { JournalPosition } from '../../src/core/receive/webhook.ts';
import { type Delivery, deliver, type ReadWebhook } from '../../src/store/calls/delivery.ts';
import type { StoredAttempt } from '../../src/store/store.ts';
import { Store } from '../../src/store/store.ts';
import { recordOnly, webhooksOf } from '../core/scenario.ts';
import { type DATABASES, type Place, postgresSchema } from './schema/databases.ts';
import { T0 } from './storedEvents.ts';

/** The journal of one process, of which only the positions are there. */
export class PositionedJournal {
  readonly id = randomUUID();
  position: JournalPosition | undefined;

  /** Brings webhooks to the store, as the feeder does. Throws where the store is at another position. */
  async bring(store: Store, ...webhooks: readonly ReadWebhook[]): Promise<Delivery> {
    const to = { segment: 1, offset: (this.position?.offset ?? 0) + webhooks.length };
    const delivery = await deliver(store.database, webhooks, { journal: this.id, from: this.position, to });
    if (!delivery) throw new Error('the store is at another position of the journal');
    this.position = to;
    return delivery;
  }
}

/** A store in a place of its own, with the journal of the process that has it. */
export interface OpenStore {
  readonly store: Store;
  readonly log: PositionedJournal;
  bring(...webhooks: readonly ReadWebhook[]): Promise<Delivery>;
  close(): Promise<void>;
}

export async function openStore({ place: makePlace }: Pick<(typeof DATABASES)[number], 'place'>): Promise<OpenStore> {
  const place = await makePlace();
  const store = await Store.open(place.url);
  const log = new PositionedJournal();
  return {
    store,
    log,
    bring: (...webhooks) => log.bring(store, ...webhooks),
    async close() {
      await store.close();
      await place.remove();
    },
  };
}

/** Replicas on one PostgreSQL. */
export async function openReplicas(count: number) {
  const place = await postgresSchema();
  const stores: Store[] = [];
  const open = async (): Promise<Omit<OpenStore, 'close'>> => {
    const store = await Store.open(place.url);
    stores.push(store);
    const log = new PositionedJournal();
    return { store, log, bring: (...webhooks) => log.bring(store, ...webhooks) };
  };
  const replicas: Awaited<ReturnType<typeof open>>[] = [];
  for (let i = 0; i < count; i += 1) replicas.push(await open());
  return {
    place: place satisfies Place,
    replicas,
    async close() {
      for (const store of stores) await store.close();
      await place.remove();
    },
  };
}

const RECORD = recordOnly(webhooksOf({ response: [503, 'Try again later', 200] }));

/** An attempt of the call `a<call>`; the leg `b<call>` is its first. */
export function attempt(
  call: string,
  { callSid = `b${call}`, summary = RECORD.summary, ...more }: Partial<StoredAttempt> & { summary?: string } = {},
): StoredAttempt {
  const id = callSid === `b${call}` || callSid === `a${call}` ? `a${call}` : callSid;
  return {
    id,
    callSid,
    callId: `a${call}`,
    startedAt: T0,
    settledAt: T0 + 1_000,
    record: { ...RECORD, id, callSid, summary },
    ...more,
  };
}
