import { bodies } from './attacks/bodies.ts';
import { survive } from './suite.ts';

survive('bodies', bodies);
