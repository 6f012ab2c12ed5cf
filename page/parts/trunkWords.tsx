/** A trunk by its name and id, in words where there is none. */
export function TrunkWords({ id, name }: { id: string; name?: string | null | undefined }) {
  if (id === 'none') return <>no trunk</>;
  if (id === 'unknown') return <>trunk unknown</>;
  return (
    <>
      {name} <code>{id}</code>
    </>
  );
}
