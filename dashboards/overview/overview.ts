import { buildDashboard } from '../dashboard.ts';
import { OBJECTIVE_ROW, SUCCESS_ROW } from './success.ts';
import { UNAVAILABLE } from './unavailable.ts';
import { VOLUME } from './volume.ts';
import { WHOSE_ROW } from './whose.ts';
import { WHY } from './why.ts';

export const OVERVIEW = buildDashboard({
  uid: 'sipwhy-overview',
  title: 'sipwhy: why calls fail',
  description: 'Is it us, LiveKit, Jambonz, the network or the agent? Failed calls by who must act, and by cause.',
  rows: [SUCCESS_ROW, WHOSE_ROW, WHY, UNAVAILABLE, OBJECTIVE_ROW, VOLUME],
});
