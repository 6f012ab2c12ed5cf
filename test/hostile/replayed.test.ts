import { replay } from './attacks/replayed.ts';
import { survive } from './suite.ts';

survive('replay', replay);
