import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Pace } from '../../src/loop/pace.ts';

describe('a pace of 50 ms', () => {
  let done: number;
  let pace: Pace;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    done = 0;
    pace = new Pace(50, () => {
      done += 1;
    });
  });
  afterEach(() => mock.timers.reset());

  it('works at once, and does what is asked for in the next 50 ms together after them', () => {
    pace.ask();
    assert.equal(done, 1);
    pace.ask();
    mock.timers.tick(49);
    pace.ask();
    assert.equal(done, 1);
    mock.timers.tick(1);
    assert.equal(done, 2);
  });

  it('rests for 50 ms after each work, also after what had to wait', () => {
    pace.ask();
    pace.ask();
    mock.timers.tick(50);
    pace.ask();
    mock.timers.tick(49);
    assert.equal(done, 2);
    mock.timers.tick(1);
    assert.equal(done, 3);
  });

  it('works at once again after a rest in which nothing was asked for', () => {
    pace.ask();
    mock.timers.tick(50);
    assert.equal(done, 1);
    pace.ask();
    assert.equal(done, 2);
  });

  it('does what waits when it is flushed, and then not again', () => {
    pace.ask();
    pace.ask();
    pace.flush();
    assert.equal(done, 2);
    mock.timers.tick(50);
    pace.flush();
    assert.equal(done, 2);
  });
});
