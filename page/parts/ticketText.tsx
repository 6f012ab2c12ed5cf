import { useState } from 'preact/hooks';
import { request } from '../api/client.ts';

const FORMATS = [
  { format: 'markdown', name: 'Markdown', ending: 'md', accept: 'text/markdown' },
  { format: 'csv', name: 'CSV', ending: 'csv', accept: 'text/csv' },
  { format: 'json', name: 'JSON', ending: 'json', accept: 'application/json' },
] as const;
type Format = (typeof FORMATS)[number];

/** A call for a ticket, as text or as a file. Numbers are masked by default, because tickets travel. */
export function TicketText({ callSid, isWhole = false }: { callSid: string; isWhole?: boolean }) {
  const [plain, setPlain] = useState(false);
  const [said, setSaid] = useState('');
  const textOf = async ({ format, accept }: Format): Promise<string | undefined> => {
    const numbers = plain ? 'plain' : 'masked';
    const path = `calls/${encodeURIComponent(callSid)}?format=${format}&numbers=${numbers}`;
    const answer = await request(path, { accept: `${accept}, application/problem+json` });
    if (answer.ok) return answer.data.text();
    setSaid(answer.problem.detail);
    return undefined;
  };
  const save = async (chosen: Format) => {
    const text = await textOf(chosen);
    if (text === undefined) return;
    const url = URL.createObjectURL(new Blob([text], { type: chosen.accept }));
    const link = document.createElement('a');
    link.href = url;
    // A call_sid is chosen by whoever sends webhooks; a file name is no place for all that it may hold.
    link.download = `call-${callSid.replace(/[^\w-]+/g, '_').slice(0, 80)}.${chosen.ending}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    setSaid(`Saved as ${link.download}.`);
  };
  const copy = async () => {
    const text = await textOf(FORMATS[0]);
    if (text === undefined) return;
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied.');
    } catch {
      setSaid('The browser blocked the copy. Save the Markdown instead.');
    }
  };
  return (
    <span class="ticket">
      <button type="button" class="small" onClick={copy}>
        Copy ticket text
      </button>
      {FORMATS.slice(0, isWhole ? FORMATS.length : 1).map((chosen) => (
        <button key={chosen.format} type="button" class="small" onClick={() => save(chosen)}>
          Save {chosen.name}
        </button>
      ))}
      <label class="tick">
        <input type="checkbox" checked={plain} onChange={(event) => setPlain(event.currentTarget.checked)} />
        with full phone numbers
      </label>
      <span role="status" class="quiet">
        {said}
      </span>
    </span>
  );
}
