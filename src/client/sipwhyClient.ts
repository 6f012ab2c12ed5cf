// What `sipwhy/client` exports, for Jambonz applications. Nothing here depends on the rest of sipwhy or on a package.
export { ClientFault } from './clientFault.ts';
export { type Forwarder, type ForwarderCounts, type ForwarderOptions, sipwhyForwarder } from './forwarder.ts';
export type { Hook, LossReason, Lost } from './hookQueue.ts';
export {
  type LiveKitDial,
  type LiveKitTarget,
  type LiveKitTrunk,
  type LiveKitTrunkOptions,
  livekitTarget,
  livekitTrunk,
  type SipwhyTag,
} from './livekitTrunk.ts';
