import { contentAttacks } from '../hostileContents.ts';

export const storeContents = contentAttacks('SQLite', (ground) => ground.service());
