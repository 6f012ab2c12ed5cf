import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type ReportedTransfer, TRANSFER_REPORTED, type TransferFailure } from '../call/livekitEvent.ts';

const Text = Type.Optional(Type.Union([Type.String({ maxLength: 8192 }), Type.Null()]));
/** What LiveKit's API puts into the error of a SIP request. `error_details` is protobuf in base64. */
const Metadata = Type.Optional(
  Type.Union([
    Type.Null(),
    Type.Object({
      sip_status_code: Type.Optional(Type.Union([Type.String(), Type.Integer(), Type.Null()])),
      sip_status: Text,
      error_details: Text,
    }),
  ]),
);
// LiveKit's SDKs name the fields `message` and `metadata`; the API's own JSON names them `msg` and `meta`.
const ApiError = Type.Object({ code: Text, message: Text, msg: Text, metadata: Metadata, meta: Metadata });
type ApiError = Static<typeof ApiError>;

const callIdShape = Compile(Type.String({ minLength: 1, maxLength: 1024 }));
const errorShape = Compile(Type.Union([Type.Null(), ApiError]));
const reportShape = Compile(Type.Object({ event: Type.Literal(TRANSFER_REPORTED) }));

type Report = { readonly event: typeof TRANSFER_REPORTED } & Readonly<Record<string, unknown>>;

/** Whether the JSON of a webhook is an agent's report of a transfer. */
export function isTransferReport(json: unknown): json is Report {
  return reportShape.Check(json);
}

type TransferReading =
  | { readonly ok: true; readonly id: string | undefined; readonly transfer: ReportedTransfer }
  | { readonly ok: false; readonly fault: string };

/** Reads an agent's report of a transfer. The fault names the field and what to send in it. */
export function readTransfer({ id, sip_call_id: sipCallId, error }: Report): TransferReading {
  if (!callIdShape.Check(sipCallId)) {
    return { ok: false, fault: 'sip_call_id must be the attribute sip.callIDFull of the SIP participant.' };
  }
  if (!errorShape.Check(error)) {
    const fields = 'code, message and metadata';
    return {
      ok: false,
      fault: `error must be the error of TransferSIPParticipant, with ${fields}, or null if the transfer succeeded.`,
    };
  }
  const failure = error === null ? undefined : failureOf(error);
  return { ok: true, id: typeof id === 'string' && id !== '' ? id : undefined, transfer: { sipCallId, failure } };
}

/** What the API's message says of the SIP answer. Only if a NOTIFY reported the status, the transfer itself had begun. */
const SIP_ANSWER = /(call transfer failed: )?sip status: ([3-6]\d\d)(?:: ([ -~]*))?/;

function failureOf(error: ApiError): TransferFailure {
  const metadata = error.metadata ?? error.meta;
  const inMessage = SIP_ANSWER.exec(error.message ?? error.msg ?? '');
  // Newer SDKs write a message of their own, and the API's is left in the details only.
  const said = inMessage ?? SIP_ANSWER.exec(Buffer.from(metadata?.error_details ?? '', 'base64').toString('latin1'));
  const status = Number(metadata?.sip_status_code ?? said?.[2]);
  const isStatus = status >= 300 && status <= 699;
  return {
    code: error.code || undefined,
    status: isStatus ? status : undefined,
    reason: isStatus ? metadata?.sip_status || inMessage?.[3] || undefined : undefined,
    answers: isStatus && said ? (said[1] ? 'target' : 'refer') : undefined,
  };
}

/**
 * What is kept of a report: what sipwhy reads of it, in a form that it reads again. An error's texts may hold telephone
 * numbers.
 */
export function keptTransfer(report: Report): object {
  const reading = readTransfer(report);
  if (!reading.ok) return { event: TRANSFER_REPORTED };
  const { id, transfer } = reading;
  return {
    event: TRANSFER_REPORTED,
    ...(id !== undefined && { id }),
    sip_call_id: transfer.sipCallId,
    error: transfer.failure ? keptError(transfer.failure) : null,
  };
}

function keptError({ code, status, reason, answers }: TransferFailure): ApiError {
  const message = `${answers === 'target' ? 'call transfer failed: ' : ''}sip status: ${status}`;
  return {
    ...(code !== undefined && { code }),
    ...(answers && { message }),
    ...(status !== undefined && { metadata: { sip_status_code: status, ...(reason && { sip_status: reason }) } }),
  };
}
