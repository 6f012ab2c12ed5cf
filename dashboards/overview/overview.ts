import { buildDashboard } from '../dashboard.ts';
import { OWNERS_ROW } from './owners.ts';
import { OBJECTIVE_ROW, SUCCESS_ROW } from './success.ts';
import { UNAVAILABLE } from './unavailable.ts';
import { VOLUME } from './volume.ts';
import { WHY } from './why.ts';

export const OVERVIEW = buildDashboard({
  uid: 'sipwhy-overview',
  title: 'sipwhy: why calls fail',
  description: 'Is it us, LiveKit, Jambonz, the network or the agent? Failed calls by owner and cause.',
  rows: [SUCCESS_ROW, OWNERS_ROW, WHY, UNAVAILABLE, OBJECTIVE_ROW, VOLUME],
});
