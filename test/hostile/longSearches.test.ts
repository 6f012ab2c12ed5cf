import { longSearches } from './attacks/longSearches.ts';
import { survive } from './suite.ts';

survive('long searches', longSearches);
