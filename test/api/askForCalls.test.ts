import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AskApi, AskQuery } from '../../src/mcp/askApi.ts';
import { askForCalls } from '../../src/mcp/askForCalls.ts';

/** An API that answers with these pages in turn, and what it was asked. */
function api(...pages: readonly (readonly [calls: readonly string[], next: string | null])[]) {
  const asked: (AskQuery | undefined)[] = [];
  const ask: AskApi = async (path, query) => {
    assert.equal(path, '/calls');
    asked.push(query);
    const [calls, next_cursor] = pages[asked.length - 1] ?? assert.fail('asked too often');
    return { calls, next_cursor, searched_back_to: null };
  };
  return { ask, asked };
}

describe('asking for calls', () => {
  it('goes on with an empty page, and stops at the first call', async () => {
    const { ask, asked } = api([[], 'one'], [[], 'two'], [['call'], 'three']);
    const page = await askForCalls(ask, { number: '123', limit: 20 });
    assert.deepEqual([page.calls, page.next_cursor], [['call'], 'three']);
    const query = { number: '123', limit: 20 };
    assert.deepEqual(asked, [query, { ...query, cursor: 'one' }, { ...query, cursor: 'two' }]);
  });

  it('stops where all are searched', async () => {
    const { ask } = api([[], 'one'], [[], null]);
    assert.deepEqual((await askForCalls(ask, {})).calls, []);
  });
});
