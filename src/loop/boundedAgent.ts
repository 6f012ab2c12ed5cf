import { Agent } from 'undici';

/** The bounds of one answer. */
export interface AnswerLimits {
  /** How long, in milliseconds, connecting, the head and each part of the body may take. */
  readonly answerMs: number;
  readonly bytes: number;
}

/** Connections for requests whose answers are bounded. Destroy it afterwards. */
export function boundedAgent({ answerMs, bytes }: AnswerLimits): Agent {
  return new Agent({
    connect: { timeout: answerMs },
    headersTimeout: answerMs,
    bodyTimeout: answerMs,
    maxResponseSize: bytes,
    allowH2: false,
  });
}
