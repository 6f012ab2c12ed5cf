import type { Address } from './address.ts';
import type { Admission, ReadOrigin } from './admission.ts';
import { type Budget, enter, isSorted, type Positions, type Wanted } from './positions.ts';
import { blockKey } from './sourceList.ts';

interface BySource {
  /** Trunks that let every address in. */
  readonly open: Positions;
  readonly byHost: ReadonlyMap<string, Positions>;
  readonly anyHost: Positions;
  readonly byBlock: ReadonlyMap<string, Positions>;
  /** The sizes of block that occur, in bits, by the length of the address in bytes. */
  readonly sizes: ReadonlyMap<number, ReadonlySet<number>>;
}

/** Trunks that are to be found by the addresses that they let in. */
export class SourceGroup {
  readonly #positions: Positions;
  /** `undefined` where the group is not sorted. */
  readonly #sorted: BySource | undefined;

  constructor(positions: Positions, admissions: readonly Admission[], budget: Budget) {
    this.#positions = positions;
    const sizeOf = (p: number) => 1 + (admissions[p]?.sources.prefixes.length ?? 0);
    if (isSorted(positions, budget, sizeOf)) this.#sorted = sortBySource(positions, admissions);
  }

  /** Lists that together hold every trunk of the group that is wanted, and perhaps others. */
  find(origin: ReadOrigin, wanted: Wanted): Positions[] {
    const { sources, fromHost, isStrict } = origin;
    if (wanted === 'all' || !this.#sorted) return [this.#positions];
    const { open, anyHost, byHost } = this.#sorted;
    if (sources.length === 0) return wanted === 'pass' ? [open] : [this.#positions];

    // LiveKit's loose mode lets a source in that is no address, whatever the list says.
    const passesEverywhere = (source: Address | undefined) => source === undefined && !isStrict;
    const named = byHost.get(fromHost ?? '') ?? [];
    if (wanted === 'pass') {
      // All sources have to pass. Those that let one of them in hold these.
      const telling = sources.findIndex((source) => !passesEverywhere(source));
      return telling < 0 ? [this.#positions] : [open, named, ...blocksOf(this.#sorted, sources[telling])];
    }
    if (sources.some(passesEverywhere)) return [this.#positions];
    const hosts = fromHost === undefined ? anyHost : named;
    return [open, hosts, ...sources.flatMap((source) => blocksOf(this.#sorted, source))];
  }
}

function sortBySource(positions: Positions, admissions: readonly Admission[]): BySource {
  const open: number[] = [];
  const byHost = new Map<string, number[]>();
  const anyHost: number[] = [];
  const byBlock = new Map<string, number[]>();
  const sizes = new Map<number, Set<number>>();
  for (const p of positions) {
    const list = admissions[p]?.sources;
    if (!list) continue;
    if (list.isOpen) open.push(p);
    if (list.hosts.length > 0) anyHost.push(p);
    for (const host of list.hosts) enter(byHost, host, p);
    for (const { bytes, bits } of list.prefixes) {
      enter(byBlock, blockKey(bytes, bits), p);
      sizes.set(bytes.length, (sizes.get(bytes.length) ?? new Set()).add(bits));
    }
  }
  return { open, byHost, anyHost, byBlock, sizes };
}

/** The trunks of every block that holds the address. No block holds one with a zone. */
function blocksOf(sorted: BySource | undefined, source: Address | undefined): Positions[] {
  if (!sorted || !source || source.zone !== '') return [];
  const lists: Positions[] = [];
  for (const bits of sorted.sizes.get(source.bytes.length) ?? []) {
    const list = sorted.byBlock.get(blockKey(source.bytes, bits));
    if (list) lists.push(list);
  }
  return lists;
}
