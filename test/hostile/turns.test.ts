import { turns } from './attacks/turns.ts';
import { survive } from './suite.ts';

survive('turns', turns);
