import type { FeederEvents } from '../../src/journal/feeder.ts';

export const IGNORED: FeederEvents = { onAway() {}, onBack() {}, onDelivered() {}, onSetAside() {} };
