import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { blockOf, callsBegun, LANES, unfinishedBlocks, writeLane } from '../../scripts/load/requestLane.ts';
import { statusWebhooks, WEBHOOKS_PER_CALL } from '../../scripts/load/statusWebhooks.ts';
import type { LegReport } from '../../src/core/call/callEvent.ts';
import { readBody } from '../../src/core/receive/jambonzWebhook.ts';
import { verify } from '../../src/core/receive/verifyJambonz.ts';

const SIGNER = { secret: 'secret', signedAt: 1_795_000_000 };
const NOW = SIGNER.signedAt * 1000;
const TRUST = { secrets: ['secret'], basicAuth: undefined, toleranceSeconds: 1 };
/** Requests of a block. */
const BLOCK = 128 * WEBHOOKS_PER_CALL;

function read(body: string): LegReport {
  const reading = readBody('call_status', Buffer.from(body), { at: NOW, receivedAt: NOW, precise: true });
  if (!reading.ok) throw new Error(`not a status: ${body}`);
  return reading.event;
}

describe('the webhooks of a call under load', () => {
  const events = statusWebhooks(7).map(read);

  it('tell of an A leg that is answered, a B leg that is refused, and the end of the A leg', () => {
    assert.deepEqual(
      events.map(({ direction, sipStatus, callStatus }) => [direction, sipStatus, callStatus]),
      [
        ['inbound', 100, 'trying'],
        ['inbound', 200, 'in-progress'],
        ['outbound', 100, 'trying'],
        ['outbound', 180, 'ringing'],
        ['outbound', 503, 'failed'],
        ['inbound', 200, 'completed'],
      ],
    );
    assert.deepEqual(
      events.map(({ parentCallSid }) => parentCallSid !== undefined && parentCallSid === events[0]?.callSid),
      [false, false, true, true, true, false],
    );
    assert.equal(new Set(events.map(({ callSid }) => callSid)).size, 2);
  });

  it('are the same for the same call, and share no call_sid with another', () => {
    assert.deepEqual(statusWebhooks(7), statusWebhooks(7));
    const others = new Set(statusWebhooks(8).map((body) => read(body).callSid));
    assert.deepEqual(
      events.filter(({ callSid }) => others.has(callSid)),
      [],
    );
  });

  it('have numbers of the range that nobody has', () => {
    for (let call = 0; call < 200; call += 1) {
      for (const { from, to } of statusWebhooks(call).map(read)) {
        assert.match(from ?? '', /^\+120255501\d\d$/);
        assert.match(to ?? '', /^(sip:)?\+12025550100(@abc\.sip\.livekit\.cloud)?$/);
      }
    }
  });
});

describe('a lane of requests', () => {
  const blocks = Array.from({ length: LANES }, (_, lane) => [0, 1].map((block) => blockOf(lane, block, SIGNER)));

  it('is signed as Jambonz signs', () => {
    for (const { body, signature } of blocks.flat(2)) {
      const delivery = { method: 'POST', body: Buffer.from(body), signature, authorization: undefined } as const;
      assert.deepEqual(verify(TRUST, delivery, NOW), { ok: true });
    }
  });

  it('repeats nothing, neither of its own nor of another lane', () => {
    const bodies = blocks.flat(2).map(({ body }) => body);
    assert.equal(bodies.length, LANES * 2 * BLOCK);
    assert.equal(new Set(bodies).size, bodies.length);
  });

  it('has the webhooks of a call in their order, and those of other calls between', () => {
    const block = blocks[0]?.[0]?.map(({ body }) => body) ?? [];
    for (const call of [0, LANES, 127 * LANES]) {
      const places = statusWebhooks(call).map((body) => block.indexOf(body));
      assert.deepEqual(
        places,
        Array.from({ length: WEBHOOKS_PER_CALL }, (_, step) => call / LANES + step * 128),
      );
    }
  });

  it('is written as requests, each behind its length, whole blocks at a time', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const path = join(directory, 'lane');
    await writeLane(path, 1, BLOCK + 1, SIGNER);
    const file = await readFile(path);
    await rm(directory, { recursive: true });
    const bodies: string[] = [];
    for (let at = 0; at < file.length; ) {
      const length = Number(file.toString('latin1', at, at + 6));
      const [head = '', body = ''] = file.toString('utf8', at + 6, at + 6 + length).split('\r\n\r\n');
      assert.match(head, /^POST \/jambonz\/call-status HTTP\/1\.1\r\n/);
      assert.ok(head.includes(`\r\nContent-Length: ${Buffer.byteLength(body)}`));
      bodies.push(body);
      at += 6 + length;
    }
    assert.deepEqual(
      bodies,
      blocks[1]?.flat().map(({ body }) => body),
    );
  });
});

describe('what a lane leaves unfinished', () => {
  const rows: [sent: number, underWay: number, blocks: number[], calls: number][] = [
    [0, 32, [], 0],
    [1, 32, [0], 128],
    [BLOCK, 32, [0], 128],
    [BLOCK + 1, 32, [0, 1], 256],
    [BLOCK + 31, 32, [0, 1], 256],
    [BLOCK + 32, 32, [1], 256],
    [2 * BLOCK, BLOCK + 1, [0, 1], 256],
  ];
  for (const [sent, underWay, blocks, calls] of rows) {
    it(`after ${sent} requests, the last ${underWay} of which may be lost: blocks ${blocks.join(' and ') || 'none'}`, () => {
      assert.deepEqual(unfinishedBlocks(sent, underWay), blocks);
      assert.equal(callsBegun(sent), calls);
    });
  }
});
