import { journalFiles } from './attacks/journalFiles.ts';
import { survive } from './suite.ts';

survive('journal files', journalFiles);
