import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incidentJson, incidentNotice, incidentText } from '../../../src/core/explain/incidentJson.ts';
import { removeCall } from '../../../src/core/incidents/failure.ts';
import { foldByHand, type IncidentAction, notePutAway } from '../../../src/core/incidents/foldByHand.ts';
import { isMuted } from '../../../src/core/incidents/handling.ts';
import type { Incident } from '../../../src/core/incidents/incident.ts';
import { fail, incidentOf, MINUTE, NO_DNS, NOT_ALLOWED, settled, T0 } from './failedCalls.ts';

const OPEN = incidentOf(settled('a', 0, NOT_ALLOWED));
const NOW = T0 + 5 * MINUTE;
const HOUR = 60 * MINUTE;

type Action = Parameters<typeof foldByHand>[1];

/** The incident after actions that are done, each a minute after the one before. */
function after(incident: Incident, ...actions: readonly Action[]): Incident {
  return actions.reduce((known, action, i) => {
    const folded = foldByHand(known, action, NOW + i * MINUTE);
    assert.ok(folded.ok);
    return folded.incident;
  }, incident);
}
const reasonOf = (incident: Incident, action: Action) => {
  const folded = foldByHand(incident, action, NOW);
  return folded.ok ? 'done' : folded.reason;
};

const RESOLVE: Action = { kind: 'resolve', by: 'Ann' };
const RESOLVED = after(OPEN, RESOLVE);
const ALL = [
  { kind: 'acknowledge' },
  { kind: 'unacknowledge' },
  { kind: 'note', text: 'x' },
  { kind: 'mute', until: NOW + HOUR },
  { kind: 'unmute' },
  { kind: 'resolve' },
] as const satisfies readonly IncidentAction[];

describe('what people do about an incident', () => {
  it('is kept with who and when', () => {
    const { handling } = after(
      OPEN,
      { kind: 'acknowledge', by: 'Ann' },
      { kind: 'note', text: 'the carrier knows', by: 'Bob' },
      { kind: 'mute', until: NOW + HOUR },
    );
    assert.deepEqual(handling, {
      acknowledged: { by: 'Ann', at: NOW },
      notes: [{ by: 'Bob', at: NOW + MINUTE, text: 'the carrier knows' }],
      muted: { at: NOW + 2 * MINUTE, until: NOW + HOUR },
    });
  });

  it('is taken back alone', () => {
    const { handling } = after(
      OPEN,
      { kind: 'acknowledge', by: 'Ann' },
      { kind: 'mute', until: NOW + HOUR },
      { kind: 'unacknowledge' },
    );
    assert.deepEqual([handling?.acknowledged, handling?.muted?.until], [undefined, NOW + HOUR]);
    const unmuted = after(OPEN, { kind: 'acknowledge' }, { kind: 'mute', until: NOW + HOUR }, { kind: 'unmute' });
    assert.deepEqual([unmuted.handling?.acknowledged?.at, unmuted.handling?.muted], [NOW, undefined]);
  });

  it('closes the incident if it is resolved', () => {
    const folded = foldByHand(OPEN, RESOLVE, NOW);
    assert.ok(folded.ok);
    assert.deepEqual(
      [folded.event, folded.incident.closed, folded.incident.handling?.resolved],
      ['closed', { at: NOW, because: 'resolved_by_hand' }, { by: 'Ann', at: NOW }],
    );
  });

  const wanted = { acknowledge: 'closed', mute: 'closed', resolve: 'closed' } as Partial<Record<string, string>>;
  for (const action of ALL)
    it(`of a closed incident: ${action.kind}`, () => {
      assert.equal(reasonOf(OPEN, action), 'done');
      assert.equal(reasonOf(RESOLVED, action), wanted[action.kind] ?? 'done');
    });

  it('is at most 50 notes, and a further one is refused', () => {
    const notes = Array.from({ length: 49 }, (_, i): Action => ({ kind: 'note', text: `${i}` }));
    const most = after(OPEN, ...notes, { kind: 'note', text: 'the 50th' });
    assert.equal(most.handling?.notes.length, 50);
    assert.deepEqual([most.handling.notes[0]?.text, most.handling.notes[49]?.text], ['0', 'the 50th']);
    assert.equal(reasonOf(most, { kind: 'note', text: 'the 51st' }), 'notes_full');
  });

  it('is muted until its time, not longer', () => {
    const muted = after(OPEN, { kind: 'mute', until: NOW + HOUR, by: 'Ann' });
    assert.deepEqual([isMuted(muted, NOW + HOUR - 1), isMuted(muted, NOW + HOUR)], [true, false]);
    assert.deepEqual(incidentJson(muted, undefined, NOW + HOUR - 1).muted, {
      by: 'Ann',
      at: new Date(NOW).toISOString(),
      until: new Date(NOW + HOUR).toISOString(),
    });
    assert.equal(incidentJson(muted, undefined, NOW + HOUR).muted, null);
  });
});

describe('an incident that reopens', () => {
  const handled = after(
    OPEN,
    { kind: 'acknowledge' },
    { kind: 'mute', until: NOW + HOUR },
    { kind: 'note', text: 'x' },
    RESOLVE,
  );

  it('is neither acknowledged nor resolved any more, and keeps its mute and notes', () => {
    const { incident, event } = fail(handled, settled('b', 10, NOT_ALLOWED));
    assert.deepEqual([event, incident.closed], ['reopened', undefined]);
    assert.deepEqual(Object.keys(incident.handling ?? {}).toSorted(), ['muted', 'notes']);
    assert.deepEqual(
      incident.handling?.notes.map(({ text }) => text),
      ['x'],
    );
  });
  it('stays resolved for a call that was in progress', () => {
    const { incident, event } = fail(handled, settled('b', 7, NOT_ALLOWED), NOW + HOUR);
    assert.deepEqual([event, incident.calls, incident.closed?.because], [undefined, 2, 'resolved_by_hand']);
    assert.deepEqual(incident.handling, handled.handling);
  });
});

describe('a call that a person puts away', () => {
  const A = { id: 'a', callSid: 'a' };

  it('closes the incident if it was its last one', () => {
    const { incident, event } = removeCall(OPEN, A, undefined, NOW, 'put_away');
    assert.deepEqual([event, incident.closed, incident.calls], ['closed', { at: NOW, because: 'put_away' }, 0]);
  });
  it('lets a later failure open a new incident, because the old one has no calls', () => {
    const { incident } = removeCall(OPEN, A, undefined, NOW, 'put_away');
    const { event } = fail(incident, settled('b', 6, NOT_ALLOWED));
    assert.equal(event, 'opened');
  });
  it('is kept with who and when, the latest 50 of them', () => {
    let incident = OPEN;
    for (let i = 0; i < 51; i += 1) incident = notePutAway(incident, `call-${i}`, { at: NOW + i, by: 'Ann' });
    const kept = incident.handling?.putAway ?? [];
    assert.deepEqual(
      [kept.length, kept[0]?.callSid, kept[49]],
      [50, 'call-1', { callSid: 'call-50', at: NOW + 50, by: 'Ann' }],
    );
  });
});

describe('the status of an incident', () => {
  const later = settled('b', 2, NO_DNS, { response: { ...NO_DNS.response, status: 480 } });
  const silent = settled('c', 1, NO_DNS, { response: undefined });

  it('is that of its latest call', () => {
    const first = incidentOf(settled('a', 0, NO_DNS));
    assert.equal(first.status, 503);
    assert.equal(fail(first, later).incident.status, 480);
    assert.equal(fail(fail(first, later).incident, silent).incident.status, 480);
  });
  it('is absent where that had no final response', () => {
    const { incident } = fail(incidentOf(settled('a', 0, NO_DNS)), silent);
    assert.equal('status' in incident, false);
    assert.equal(incidentJson(incident, undefined, NOW).status, null);
  });
});

describe('what is said of a handled incident', () => {
  const json = (incident: Incident) => incidentJson(incident, undefined, NOW);

  it('names who closed it, also with characters that patterns know', () => {
    const by = '$& +1 555 555 0100';
    const resolved = json(after(OPEN, { kind: 'resolve', by }));
    assert.equal(resolved.closed_text, `Closed by hand, by ${by}.`);
    assert.ok(resolved.summary.endsWith(` Closed by hand, by ${by}.`));
    assert.equal(json(after(OPEN, { kind: 'resolve' })).closed_text, 'Closed by hand.');
    const { incident } = removeCall(OPEN, { id: 'a', callSid: 'a' }, undefined, NOW, 'put_away');
    assert.equal(json(incident).closed_text, 'Closed: its last call was put away.');
    const noted = notePutAway(incident, 'a', { at: NOW, by: 'Ann' });
    assert.equal(json(noted).closed_text, 'Closed: its last call was put away, by Ann.');
  });

  it('is a line for each thing, for people', () => {
    const handled = notePutAway(
      after(OPEN, { kind: 'acknowledge', by: 'Ann' }, { kind: 'note', text: 'x' }, { kind: 'mute', until: NOW + HOUR }),
      'a',
      { at: NOW, by: 'Bob' },
    );
    assert.deepEqual(incidentText(json(handled)).split('\n').slice(-4), [
      'Acknowledged by Ann at 2026-11-22T22:45:00.000Z.',
      'Muted at 2026-11-22T22:47:00.000Z, until 2026-11-22T23:45:00.000Z.',
      'Call a put away by Bob at 2026-11-22T22:45:00.000Z.',
      'Note at 2026-11-22T22:46:00.000Z: x',
    ]);
  });

  it('has no number in a notification, whoever typed it', () => {
    const by = 'Ann +1 555 555 0100';
    const text = 'call 15555550100 back';
    const handled = notePutAway(
      after(
        OPEN,
        { kind: 'acknowledge', by },
        { kind: 'mute', by, until: NOW + HOUR },
        { kind: 'note', by, text },
        { kind: 'resolve', by },
      ),
      'a',
      { at: NOW, by },
    );
    const body = incidentNotice(json(handled), 'closed', NOW, 'standard');
    const { data } = JSON.parse(body);
    assert.equal(data.closed_text, 'Closed by hand, by Ann +1 ••• ••• ••00.');
    assert.match(data.notes[0].text, /^call 1•+00 back$/);
    assert.doesNotMatch(body, /5550100|555 0100/);
  });
});
