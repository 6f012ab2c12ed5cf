import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const TOP = fileURLToPath(new URL('../..', import.meta.url));

// The committed dashboards, as far as the tests read them.

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: { readonly uid: string };
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly exemplar?: boolean;
}
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly options: { readonly legend?: { readonly showLegend: boolean } };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly links?: readonly { readonly url: string }[];
    };
  };
  readonly transformations?: readonly { readonly options: { readonly renameByName?: Record<string, string> } }[];
  readonly links?: readonly { readonly url: string }[];
}
export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly refresh?: number;
  readonly datasource?: { readonly uid: string };
}
export interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly links: readonly { readonly url?: string }[];
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
}

export const FILES = readdirSync(`${TOP}dashboards`).filter((name) => name.endsWith('.json'));
// The files are this repository's own, so their shape is what the tests establish.
export const COMMITTED = FILES.map((name) => JSON.parse(readFileSync(`${TOP}dashboards/${name}`, 'utf8')) as Dashboard);

/** Every panel that shows something, with its place in words. */
export const PANELS = COMMITTED.flatMap(({ uid, panels }) =>
  panels.filter(({ type }) => type !== 'row').map((panel) => ({ ...panel, where: `${uid}: ${panel.title}` })),
);

/** Every query of every panel and annotation. */
export const QUERIES = [
  ...PANELS.flatMap(({ where, targets = [] }) => targets.map(({ expr }) => ({ where, expr }))),
  ...COMMITTED.flatMap(({ uid, annotations }) =>
    annotations.list.map(({ name, expr }) => ({ where: `${uid}: ${name}`, expr })),
  ),
];
