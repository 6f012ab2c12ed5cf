import figures from './accuracy.json' with { type: 'json' };

/** The measured quality of the diagnosis, as `npm run accuracy` wrote it. */
export const ACCURACY: object = figures;
