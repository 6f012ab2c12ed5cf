/** Code between backticks, and links to the web: the only Markdown that runbooks use. Anything else stays text. */
const MARKED = /`([^`]+)`|\[([^\]]+)\]\((https:\/\/[^\s)]+)\)/g;

/** A text of a runbook. It is rendered as text nodes, never as HTML. */
export function Prose({ text }: { text: string }) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(MARKED)) {
    const [whole, code, name = '', href = ''] = found;
    parts.push(text.slice(end, found.index));
    parts.push(
      code === undefined ? (
        <a href={href} rel="noreferrer">
          {name}
        </a>
      ) : (
        <code>{code}</code>
      ),
    );
    end = found.index + whole.length;
  }
  return (
    <>
      {parts}
      {text.slice(end)}
    </>
  );
}
