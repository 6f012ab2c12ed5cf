import { journalFiles } from './attacks/journalFiles.ts';
import { storeContents } from './attacks/storeContents.ts';
import { storeFiles } from './attacks/storeFiles.ts';
import { storeStart } from './attacks/storeStart.ts';
import { survive } from './suite.ts';

survive('store', [...storeContents, ...storeStart, ...storeFiles, ...journalFiles]);
