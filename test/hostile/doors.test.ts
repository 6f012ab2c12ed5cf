import { foreignOrigins } from './attacks/foreignOrigins.ts';
import { lockedDoors } from './attacks/lockedDoors.ts';
import { strangeReads } from './attacks/strangeReads.ts';
import { survive } from './suite.ts';

survive('doors', [...lockedDoors, ...foreignOrigins, ...strangeReads]);
