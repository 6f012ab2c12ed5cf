import { matching } from './attacks/matching.ts';
import { survive } from './suite.ts';

survive('matching', matching);
