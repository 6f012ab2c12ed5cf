import { outgoing } from './attacks/outgoing.ts';
import { survive } from './suite.ts';

survive('outgoing', outgoing);
