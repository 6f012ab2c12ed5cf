import { rawRequests } from './attacks/rawRequests.ts';
import { sockets } from './attacks/sockets.ts';
import { survive } from './suite.ts';

survive('sockets', [...rawRequests, ...sockets]);
