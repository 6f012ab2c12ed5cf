import assert from 'node:assert/strict';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Epoch seconds and value; of an instant there is one. */
  readonly values: readonly (readonly [number, string])[];
}

interface Vector {
  readonly result: readonly { readonly metric: Series['metric']; readonly value: readonly [number, string] }[];
}

/** Asks a Prometheus what Grafana asks it. */
export function startClient(url: string) {
  async function ask<T>(path: string, query: Readonly<Record<string, string | number>>): Promise<T> {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) params.set(name, String(value));
    const answer = await fetch(`${url}/api/v1/${path}?${params}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string };
    assert.equal(status, 'success', `${error}: ${JSON.stringify(query)}`);
    return data;
  }
  const instant = async (query: string): Promise<Series[]> => {
    const { result } = await ask<Vector>('query', { query });
    return result.map(({ metric, value }) => ({ metric, values: [value] }));
  };
  return {
    instant,
    async range(query: string, start: number, step: number): Promise<Series[]> {
      const end = Date.now() / 1000;
      const { result } = await ask<{ result: Series[] }>('query_range', { query, start, end, step });
      return result;
    },
    async number(query: string): Promise<number | undefined> {
      const [first] = await instant(query);
      return first?.values[0] && Number(first.values[0][1]);
    },
    labelValues: (label: string, selector: string): Promise<string[]> =>
      ask(`label/${label}/values`, { 'match[]': selector }),
    /** The values of a label of the exemplars of what a query reads. */
    async exemplars(query: string, start: number, label: string): Promise<string[]> {
      const end = Date.now() / 1000 + 1;
      const found = await ask<{ exemplars: { labels: Record<string, string> }[] }[]>('query_exemplars', {
        query,
        start,
        end,
      });
      return found.flatMap(({ exemplars }) => exemplars.flatMap(({ labels }) => labels[label] ?? []));
    },
  };
}
