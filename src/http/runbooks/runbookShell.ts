import { createHash } from 'node:crypto';
import type { FastifyHelmetRouteOptions } from '@fastify/helmet';

const STYLE = `
:root {
  color-scheme: light dark;
  --back: light-dark(#f5f5f2, #101316);
  --sunken: light-dark(#e9ebe7, #1b2026);
  --line: light-dark(#cfd4d1, #353c43);
  --text: light-dark(#1a1f24, #e8ebee);
  --accent: light-dark(#0a55a3, #82bcff);
}
body {
  margin: 0 auto;
  padding: 1rem clamp(1rem, 4vw, 2rem) 3rem;
  max-width: 60rem;
  background: var(--back);
  color: var(--text);
  font: 1rem / 1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  overflow-wrap: anywhere;
}
nav { display: flex; gap: 1.25rem; padding-block: 0.25rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: clamp(1.5rem, 1.1rem + 2vw, 2.1rem); }
h2 { font-size: 1.2rem; margin-top: 2rem; }
h3 { font-size: 1.05rem; }
p, li { max-width: 75ch; }
li { margin-block: 0.3rem; }
.names { columns: 20rem; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.875em; }
code { background: var(--sunken); padding: 0.1em 0.3em; border-radius: 3px; }
pre { background: var(--sunken); padding: 0.75rem; border-radius: 5px; white-space: pre-wrap; }
pre code { background: none; padding: 0; }
.table { overflow-x: auto; margin-block: 1rem; }
table { border-collapse: collapse; font-size: 0.9rem; overflow-wrap: normal; }
th, td { border: 1px solid var(--line); padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; min-width: 6rem; }
th { background: var(--sunken); }
`;

/** A whole page; `title` is plain text, and `main` is HTML. Its links work under any prefix of a proxy. */
export function shellOf(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · sipwhy</title>
<style>${STYLE}</style>
</head>
<body>
<nav aria-label="sipwhy"><a href="../">sipwhy</a> <a href="./">Runbooks</a></nav>
<main>
${main}</main>
</body>
</html>
`;
}

/** Nothing but the page's own style is loaded, and nothing runs. */
export const RUNBOOK_HEADERS: FastifyHelmetRouteOptions = {
  helmet: {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: [`'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  },
};
