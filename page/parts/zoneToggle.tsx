import { chooseZone, zone, zoneName } from '../text/time.ts';

/** The zone of all times on the page; changes between the browser's and UTC. */
export function ZoneToggle() {
  const next = zone.value === 'utc' ? 'local' : 'utc';
  return (
    <button
      type="button"
      class="plain"
      aria-label={`Times are ${zone.value === 'utc' ? 'UTC' : `local, ${zoneName()}`}. Change to ${next === 'utc' ? 'UTC' : 'local time'}.`}
      onClick={() => chooseZone(next)}
    >
      {zone.value === 'utc' || zoneName() !== 'UTC' ? zoneName() : 'Local: UTC'}
    </button>
  );
}
