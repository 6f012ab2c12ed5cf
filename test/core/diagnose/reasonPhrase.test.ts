import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isProgressPhrase, isStalePhrase } from '../../../src/core/call/reasonPhrase.ts';

describe('a reason phrase is stale', () => {
  for (const [status, phrase, isStale] of [
    [500, 'Ringing', true],
    [488, 'Trying', true],
    [400, 'OK', true],
    [503, 'ringing', true],
    [480, 'Busy Here', true],
    [500, 'Server Internal Error', false],
    [500, 'Internal Server Error', false],
    [488, 'Not Acceptable Here', false],
    [400, 'Bad Request', false],
    [400, 'bad request', false],
    // Nobody's standard phrase can be another status's.
    [500, 'DNS Error', false],
    [503, 'Try again later', false],
    [503, '', false],
  ] as const) {
    it(`${isStale ? 'where' : 'not where'} it is ${status} "${phrase}"`, () => {
      assert.equal(isStalePhrase(status, phrase), isStale);
    });
  }
});

describe('a reason phrase is one of progress', () => {
  for (const [phrase, isProgress] of [
    ['Trying', true],
    ['Session Progress', true],
    ['ok', true],
    ['Accepted', true],
    ['Multiple Choices', false],
    ['Service Unavailable', false],
    ['DNS Error', false],
  ] as const) {
    it(`${isProgress ? '' : 'not '}where it is "${phrase}"`, () => {
      assert.equal(isProgressPhrase(phrase), isProgress);
    });
  }
});
