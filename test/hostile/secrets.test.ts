import { secrets } from './attacks/secrets.ts';
import { survive } from './suite.ts';

survive('secrets', secrets);
