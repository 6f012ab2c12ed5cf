import { storeFiles } from './attacks/storeFiles.ts';
import { survive } from './suite.ts';

survive('store files', storeFiles);
