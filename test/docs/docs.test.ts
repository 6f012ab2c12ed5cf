import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freshProgram } from '../../bin/freshProgram.js';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = freshProgram();

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const withoutFences = (text: string) => text.replaceAll(/^ *(`{3,})[\s\S]*?^ *\1$/gm, '');

/** The anchors of a document, as GitHub makes them of its headings. */
function anchorsIn(file: string): string[] {
  const headings = [...withoutFences(textOf(file)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

/** Links of a document that lead to other files of the repository, or to a heading. */
function linksIn(file: string): string[] {
  const text = withoutFences(textOf(file)).replaceAll(/`[^`\n]*`(?!\])/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^\w+:/.test(link));
}

describe('the documentation', () => {
  it('has links that lead somewhere', () => {
    let count = 0;
    const dead = DOCUMENTS.flatMap((file) =>
      linksIn(file).flatMap((link) => {
        count += 1;
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path));
        if (!existsSync(join(ROOT, target))) return [`${file}: ${link}`];
        if (anchor === undefined || !target.endsWith('.md')) return [];
        return anchorsIn(target).includes(anchor) ? [] : [`${file}: ${link}`];
      }),
    );
    assert.deepEqual(dead, []);
    assert.ok(count > 250, `${count}`);
  });

  it('has every page in reach of its index', () => {
    const reached = new Set(['docs/README.md']);
    for (const file of reached) {
      for (const link of linksIn(file)) {
        const [path = ''] = link.split('#');
        const target = relative(ROOT, join(ROOT, dirname(file), path));
        const isPage =
          target.endsWith('.md') && existsSync(join(ROOT, target)) && statSync(join(ROOT, target)).isFile();
        if (path !== '' && isPage) reached.add(target);
      }
    }
    const lost = DOCUMENTS.filter((file) => file.startsWith('docs/') && !reached.has(file));
    assert.deepEqual(
      lost.filter((file) => !file.startsWith('docs/runbooks/')),
      [],
    );
  });
});

describe('commands in the documentation', () => {
  /** The options of each command, from its help. */
  const options = new Map<string, ReadonlySet<string>>();
  const helpOf = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, [MAIN, ...args, '--help'], { env: PLAIN_ENVIRONMENT })).stdout;

  before(async () => {
    const names = [...(await helpOf()).matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, name = '']) => name);
    for (const name of names.filter((one) => one !== 'help')) {
      options.set(name, new Set((await helpOf(name)).match(/--[a-z-]+/g)));
    }
  });

  it('exist, with their options', () => {
    assert.ok(options.size >= 17, [...options.keys()].join(' '));
    const wrong: string[] = [];
    let count = 0;
    for (const file of DOCUMENTS.filter((one) => one !== 'CHANGELOG.md')) {
      for (const [, name = '', rest = ''] of textOf(file).matchAll(
        /(?:^|[`$ (])sipwhy ([a-z]+)((?: [^\n`|#&;]*)?)/gm,
      )) {
        const known = options.get(name);
        // In a sentence, the name of the program is followed by any word.
        if (!known) continue;
        count += 1;
        for (const option of rest.match(/(?<= )--[a-z-]+/g) ?? [])
          if (!known.has(option)) wrong.push(`${file}: sipwhy ${name} ${option}`);
      }
      for (const [, name = ''] of textOf(file).matchAll(/`sipwhy ([a-z]+)[^`\n]*`/g))
        if (!options.has(name)) wrong.push(`${file}: sipwhy ${name}`);
      // One form of the command is printed everywhere.
      if (file !== 'CONTRIBUTING.md' && /npx sipwhy|npm run (-s )?sipwhy/.test(textOf(file)))
        wrong.push(`${file}: npx`);
    }
    assert.deepEqual(wrong, []);
    assert.ok(count > 50, `${count}`);
  });

  it('are in the package’s scripts, where npm runs them', () => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const wrong = DOCUMENTS.flatMap((file) =>
      [...textOf(file).matchAll(/npm run (?:-s )?([a-z:]+)/g)]
        .map(([, name = '']) => name)
        .filter((name) => !(name in scripts))
        .map((name) => `${file}: npm run ${name}`),
    );
    assert.deepEqual(wrong, []);
  });
});
