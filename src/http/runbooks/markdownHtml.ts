import { Marked, Renderer } from 'marked';

/** Where a link leads; `undefined` if it leads nowhere, so that only its text is shown. */
export type LinkTarget = (href: string) => string | undefined;

/** HTML of a document in Markdown. HTML in the document is shown as text, and its comments are left out. */
export function htmlOf(markdown: string, targetOf: LinkTarget): string {
  const marked = new Marked({
    async: false,
    renderer: {
      html: ({ text }) => (/^\s*<!--[\s\S]*-->\s*$/.test(text) ? '' : escapeHtml(text)),
      image: ({ text }) => escapeHtml(text),
      link({ href, tokens }) {
        const target = targetOf(href);
        const text = this.parser.parseInline(tokens);
        return target === undefined ? text : `<a href="${escapeHtml(target)}">${text}</a>`;
      },
      heading({ depth, text, tokens }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      // Wide tables scroll by themselves, also by keyboard.
      table(token) {
        const table = Renderer.prototype.table.call(this, token);
        return `<div class="table" tabindex="0">${table}</div>\n`;
      },
    },
  });
  // The cast: only `async` makes it a promise.
  return marked.parse(markdown) as string;
}

export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}
