import { useState } from 'preact/hooks';
import { zone, zoneName } from '../text/time.ts';

/** Until when nobody is to be notified: usual times, each done at once, or another one. */
export function MuteFields({ mute }: { mute(until: string): void }) {
  const [until, setUntil] = useState('');
  return (
    <>
      <fieldset class="actions">
        <legend>Mute for</legend>
        <button type="button" onClick={() => mute('+1h')}>
          1 h
        </button>
        <button type="button" onClick={() => mute('+8h')}>
          8 h
        </button>
        <button type="button" onClick={() => mute(tomorrowAtNine())}>
          Until tomorrow 09:00
        </button>
      </fieldset>
      <label class="field">
        Until ({zoneName()})
        <input type="datetime-local" value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
      </label>
      <button type="button" disabled={until === ''} onClick={() => mute(inShownZone(until))}>
        Mute until then
      </button>
    </>
  );
}

/** 09:00 of the next day in the zone in which times are shown. */
function tomorrowAtNine(): string {
  const time = new Date();
  if (zone.value === 'utc') {
    time.setUTCDate(time.getUTCDate() + 1);
    time.setUTCHours(9, 0, 0, 0);
  } else {
    time.setDate(time.getDate() + 1);
    time.setHours(9, 0, 0, 0);
  }
  return time.toISOString();
}

function inShownZone(typed: string): string {
  return new Date(zone.value === 'utc' ? `${typed}Z` : typed).toISOString();
}
