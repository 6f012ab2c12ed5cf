import type { OneIncident } from '../api/types.ts';
import { Outer } from '../parts/outer.tsx';
import { TicketText } from '../parts/ticketText.tsx';

/** Where to read on: runbook, dashboard, the newest call's trace, and the text for a ticket. */
export function IncidentLinks({ incident }: { incident: OneIncident }) {
  const { links, example_calls, last_call } = incident;
  const trace = example_calls.findLast(({ trace_url }) => trace_url !== null)?.trace_url;
  return (
    <section class="card links" aria-label="Read on">
      {links.runbook && <Outer href={links.runbook} name="Runbook" />}
      {links.grafana && <Outer href={links.grafana} name="Grafana" />}
      {trace && <Outer href={trace} name="Jambonz trace" />}
      <TicketText callSid={last_call.call_sid} />
    </section>
  );
}
