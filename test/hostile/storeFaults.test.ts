import { storeContents } from './attacks/storeContents.ts';
import { storeStart } from './attacks/storeStart.ts';
import { survive } from './suite.ts';

survive('store', [...storeContents, ...storeStart]);
