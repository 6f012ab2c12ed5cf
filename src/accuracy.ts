import figures from './accuracy.json' with { type: 'json' };
import type { AccuracyFigures } from './http/api/reference.ts';

/** The measured quality of the diagnosis, as `npm run accuracy` wrote it. */
export const ACCURACY: AccuracyFigures = figures;
