import type { Cause } from './cause.ts';
import { agentNotJoined } from './causes/agent_not_joined.ts';
import { agentNotPublishing } from './causes/agent_not_publishing.ts';
import { authMissing } from './causes/auth_missing.ts';
import { authRejected } from './causes/auth_rejected.ts';
import { calledNumberNotOnTrunk } from './causes/called_number_not_on_trunk.ts';
import { calleeBusy } from './causes/callee_busy.ts';
import { calleeDeclined } from './causes/callee_declined.ts';
import { calleeNoAnswer } from './causes/callee_no_answer.ts';
import { calleeUnknown } from './causes/callee_unknown.ts';
import { callerAbandoned } from './causes/caller_abandoned.ts';
import { callerNotAllowed } from './causes/caller_not_allowed.ts';
import { carrierRejected } from './causes/carrier_rejected.ts';
import { dispatchRuleConflict } from './causes/dispatch_rule_conflict.ts';
import { dispatchRuleNumberMismatch } from './causes/dispatch_rule_number_mismatch.ts';
import { dispatchRuleOtherTrunk } from './causes/dispatch_rule_other_trunk.ts';
import { dnsFailure } from './causes/dns_failure.ts';
import { jambonzAccountLimit } from './causes/jambonz_account_limit.ts';
import { jambonzCapacity } from './causes/jambonz_capacity.ts';
import { jambonzInternalError } from './causes/jambonz_internal_error.ts';
import { jambonzLoop } from './causes/jambonz_loop.ts';
import { jambonzNoCarrier } from './causes/jambonz_no_carrier.ts';
import { jambonzNoMediaServer } from './causes/jambonz_no_media_server.ts';
import { jambonzNoSubscription } from './causes/jambonz_no_subscription.ts';
import { jambonzServiceProviderLimit } from './causes/jambonz_service_provider_limit.ts';
import { livekitQuotaExceeded } from './causes/livekit_quota_exceeded.ts';
import { livekitRoomClosed } from './causes/livekit_room_closed.ts';
import { livekitUnavailable } from './causes/livekit_unavailable.ts';
import { mediaNegotiationFailed } from './causes/media_negotiation_failed.ts';
import { noDispatchRule } from './causes/no_dispatch_rule.ts';
import { noTrunkConfigured } from './causes/no_trunk_configured.ts';
import { sipHostWrong } from './causes/sip_host_wrong.ts';
import { sipTimeout } from './causes/sip_timeout.ts';
import { sourceAddressNotAllowed } from './causes/source_address_not_allowed.ts';
import { transportUnreachable } from './causes/transport_unreachable.ts';
import { trunkConflict } from './causes/trunk_conflict.ts';
import { unclassified } from './causes/unclassified.ts';

/**
 * Every cause there is, in the order of the parties who must act. Kept by hand, so that the ids are known as types; a
 * file in causes/ that is not in it fails test/core/causes.test.ts.
 */
export const CAUSES = [
  authMissing,
  authRejected,
  sipHostWrong,
  calledNumberNotOnTrunk,
  callerNotAllowed,
  sourceAddressNotAllowed,
  trunkConflict,
  noTrunkConfigured,
  noDispatchRule,
  dispatchRuleOtherTrunk,
  dispatchRuleNumberMismatch,
  dispatchRuleConflict,
  livekitUnavailable,
  livekitQuotaExceeded,
  livekitRoomClosed,
  agentNotJoined,
  agentNotPublishing,
  mediaNegotiationFailed,
  jambonzCapacity,
  jambonzAccountLimit,
  jambonzServiceProviderLimit,
  jambonzNoSubscription,
  jambonzNoMediaServer,
  jambonzNoCarrier,
  jambonzLoop,
  jambonzInternalError,
  dnsFailure,
  transportUnreachable,
  sipTimeout,
  carrierRejected,
  calleeBusy,
  calleeDeclined,
  calleeNoAnswer,
  calleeUnknown,
  callerAbandoned,
  unclassified,
] as const satisfies readonly Cause[];

export type CauseId = (typeof CAUSES)[number]['id'];
export { unclassified };
