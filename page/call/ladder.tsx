import { useEffect, useRef, useState } from 'preact/hooks';
import type { Ladder, LadderMessage } from '../api/types.ts';
import { since } from '../text/time.ts';
import { PARTICIPANTS } from '../text/words.ts';

const HEAD = 36;
const ROW = 34;
/** Further messages are not drawn; the table below has all of them. */
const STEPS_DRAWN = 60;

/**
 * The call as a ladder: who sent what to whom, and where it stopped. Drawn to the available width, so that its letters
 * are as large on a phone. For screen readers, the table below says the same.
 */
export function LadderDiagram({ ladder }: { ladder: Ladder }) {
  const [frame, width] = useWidth();
  const steps = ladder.messages.slice(0, STEPS_DRAWN);
  const start = ladder.messages[0]?.at;
  const left = width < 560 ? 62 : 104;
  const gap = (width - left) / Math.max(1, ladder.participants.length);
  const lanes = new Map<string, number>(
    ladder.participants.map((participant, i) => [participant, left + gap * (i + 0.5)]),
  );
  const x = (participant: string) => lanes.get(participant) ?? left;
  const stopAt = ladder.stopped ? Math.min(ladder.stopped.after_message ?? steps.length - 1, steps.length - 1) : -1;
  const height = HEAD + ROW * (steps.length + (ladder.stopped ? 1 : 0)) + 14;
  // The stop takes a row of its own after its message.
  const y = (i: number) => HEAD + ROW * (i + (stopAt >= 0 && i > stopAt ? 1 : 0)) + 24;
  return (
    <div ref={frame} class="ladder">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8z" fill="context-stroke" />
          </marker>
        </defs>
        {ladder.participants.map((participant) => (
          <g key={participant} class={ladder.stopped?.at_participant === participant ? 'lane lane-stopped' : 'lane'}>
            <line x1={x(participant)} x2={x(participant)} y1={HEAD} y2={height} />
            <rect x={x(participant) - gap / 2 + 3} y="0.5" width={gap - 6} height="26" rx="6" />
            <text x={x(participant)} y="18" text-anchor="middle">
              {PARTICIPANTS[participant] ?? participant}
            </text>
          </g>
        ))}
        {steps.map((step, i) => (
          <Arrow
            key={i}
            step={step}
            y={y(i)}
            from={x(step.from)}
            to={x(step.to)}
            width={width}
            left={left}
            start={start}
          />
        ))}
        {ladder.stopped && (
          <Stop
            at={x(ladder.stopped.at_participant)}
            y={steps.length === 0 ? HEAD + 24 : y(stopAt) + ROW}
            left={left}
            width={width}
            text="Stopped here"
          />
        )}
      </svg>
    </div>
  );
}

function Arrow(props: {
  step: LadderMessage;
  y: number;
  from: number;
  to: number;
  width: number;
  left: number;
  start: string | undefined;
}) {
  const { step, y, from, to, width, left, start } = props;
  const label = step.count > 1 ? `${step.label} ×${step.count}` : step.label;
  return (
    <g class={`step step-${step.kind}${step.inferred ? ' step-inferred' : ''}`}>
      <text class="at" x={left - 8} y={y + 4} text-anchor="end">
        {start === undefined ? '' : since(start, step.at)}
      </text>
      {from === to ? (
        <circle cx={from} cy={y} r="5" />
      ) : (
        <line x1={from} x2={to + (to > from ? -1 : 1)} y1={y} y2={y} marker-end="url(#arrow)" />
      )}
      <Label text={label} middle={(from + to) / 2} y={y - 6} left={left} width={width} />
    </g>
  );
}

function Stop({ at, y, left, width, text }: { at: number; y: number; left: number; width: number; text: string }) {
  return (
    <g class="stop">
      <line x1={left} x2={width} y1={y} y2={y} stroke-dasharray="3 5" />
      <circle cx={at} cy={y} r="8" />
      <path d={`M${at - 4} ${y - 4}l8 8m0 -8l-8 8`} />
      <Label text={text} middle={at} y={y - 12} left={left} width={width} />
    </g>
  );
}

/** A text centred on `middle`, moved to stay inside the frame, and cut if it is too long. */
function Label({
  text,
  middle,
  y,
  left,
  width,
}: {
  text: string;
  middle: number;
  y: number;
  left: number;
  width: number;
}) {
  const room = Math.floor((width - left) / 6.6);
  const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
  const half = (shown.length * 6.6) / 2;
  const x = Math.min(Math.max(middle, left + half), width - half - 2);
  return (
    <text x={x} y={y} text-anchor="middle">
      {shown}
    </text>
  );
}

function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(720);
  useEffect(() => {
    const { current } = frame;
    if (!current) return;
    const measure = () => setWidth(Math.max(280, Math.min(920, current.clientWidth)));
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
