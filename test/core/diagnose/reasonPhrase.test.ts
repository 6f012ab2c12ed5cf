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

/** RFC 3261, section 21, and its successors; beside them the phrases that SIP stacks use in their place. */
const STANDARD = [
  [100, 'Trying'],
  [180, 'Ringing'],
  [181, 'Call Is Being Forwarded'],
  [182, 'Queued'],
  [183, 'Session Progress'],
  [200, 'OK'],
  [202, 'Accepted'],
  [300, 'Multiple Choices'],
  [301, 'Moved Permanently'],
  [302, 'Moved Temporarily'],
  [305, 'Use Proxy'],
  [380, 'Alternative Service'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [407, 'Proxy Authentication Required'],
  [408, 'Request Timeout'],
  [410, 'Gone'],
  [413, 'Request Entity Too Large'],
  [414, 'Request-URI Too Long'],
  [415, 'Unsupported Media Type'],
  [416, 'Unsupported URI Scheme'],
  [420, 'Bad Extension'],
  [480, 'Temporarily Unavailable'],
  [480, 'Temporarily not available'],
  [481, 'Call/Transaction Does Not Exist'],
  [481, 'Call Leg/Transaction Does Not Exist'],
  [482, 'Loop Detected'],
  [483, 'Too Many Hops'],
  [484, 'Address Incomplete'],
  [485, 'Ambiguous'],
  [486, 'Busy Here'],
  [486, 'Busy'],
  [487, 'Request Terminated'],
  [488, 'Not Acceptable Here'],
  [491, 'Request Pending'],
  [500, 'Server Internal Error'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Server Time-out'],
  [504, 'Gateway Timeout'],
  [505, 'Version Not Supported'],
  [513, 'Message Too Large'],
  [600, 'Busy Everywhere'],
  [603, 'Decline'],
  [603, 'Declined'],
  [604, 'Does Not Exist Anywhere'],
  [606, 'Not Acceptable'],
] as const;

describe('each standard phrase', () => {
  for (const [status, phrase] of STANDARD) {
    it(`belongs to its status, and to no other: ${status} ${phrase}`, () => {
      assert.equal(isStalePhrase(status, phrase), false);
      assert.equal(isStalePhrase(599, phrase), true);
      assert.equal(isProgressPhrase(phrase), status < 300);
    });
  }
});
