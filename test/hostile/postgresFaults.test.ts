import { after } from 'node:test';
import { sharedPostgres } from './attackedPostgres.ts';
import { postgresPeers } from './attacks/postgresPeers.ts';
import { survive } from './suite.ts';

survive('postgres', postgresPeers);
after(() => sharedPostgres.remove());
