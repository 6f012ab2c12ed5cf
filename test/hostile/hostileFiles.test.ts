import { files } from './attacks/files.ts';
import { survive } from './suite.ts';

survive('files', files);
