import { time } from './attacks/clocks.ts';
import { survive } from './suite.ts';

survive('time', time);
