import type { Logger } from 'pino';
import { Condition } from '../condition.ts';
import type { FeederEvents } from '../journal/feeder.ts';
import { PostgresStore } from '../journal/postgres.ts';
import { SqliteStore } from '../journal/sqlite.ts';
import type { Metrics } from '../record/metrics.ts';
import type { Settings } from '../settings/settings.ts';

/** Opens the store that the settings name, and tells of what becomes of it. */
export async function openStore(
  { databaseUrl, spoolFile }: Settings,
  metrics: Metrics,
  logger: Logger,
): Promise<SqliteStore | PostgresStore> {
  if (spoolFile === undefined) return SqliteStore.open(databaseUrl, (seconds) => metrics.store.committed(seconds));
  const spoolTrouble = new Condition(
    logger,
    `SPOOL_FILE ${spoolFile} cannot be read or written: its webhooks are brought to PostgreSQL once it can be`,
    `SPOOL_FILE ${spoolFile} is read and written again`,
  );
  const events: FeederEvents = {
    onAway(error) {
      metrics.spool.isUp(false);
      logger.error({ error: error.message, spool: spoolFile }, 'PostgreSQL is away: webhooks are kept in the spool');
    },
    onBack(awayMs) {
      metrics.spool.isUp(true);
      logger.info({ away_seconds: Math.round(awayMs / 1000) }, 'PostgreSQL is back: the spool is brought over');
    },
    onSpool: (error) => (error ? spoolTrouble.met(error) : spoolTrouble.over()),
    onDelivered: (results) => metrics.spool.delivered(results),
    onSetAside(event, error) {
      metrics.spool.setAside();
      logger.error(
        { error: error.message, id: event.id, spool: spoolFile },
        'PostgreSQL refuses a webhook for what is in it: it is set aside in the spool',
      );
    },
  };
  const store = await PostgresStore.open(databaseUrl, spoolFile, events, (seconds) => metrics.spool.committed(seconds));
  metrics.spool.begin(() => store.spool.state());
  logger.info(
    { replica: store.replica, spool: spoolFile },
    'this replica keeps webhooks in its spool, and then in PostgreSQL',
  );
  return store;
}
