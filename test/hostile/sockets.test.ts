import { sockets } from './attacks/sockets.ts';
import { survive } from './suite.ts';

survive('sockets', sockets);
