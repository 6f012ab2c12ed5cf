/** A link that leaves the page, in a tab of its own. */
export function Outer({ href, name }: { href: string; name: string }) {
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {name}
    </a>
  );
}
