import { agentNamesOf } from '../trunks/agents.ts';
import { addTo } from '../trunks/judge/likeNumbers.ts';
import { codecName, mediaOf } from '../trunks/media.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import type { AuditReport } from './audit.ts';
import { written } from './few.ts';
import { pageOf } from './finding.ts';

/** The text shows this many places of one finding. */
const SHOWN = 20;
const WIDTH = 110;

/** A configuration and its audit for a terminal: trunks, dispatch rules, then the findings. */
export function toText(audit: AuditJson): string {
  const { trunks, dispatch_rules, findings, errors } = audit;
  const lines = [
    heading(`${trunks.length} inbound ${trunks.length === 1 ? 'trunk' : 'trunks'}`),
    ...describeTrunks(trunks, dispatch_rules),
    heading(`${dispatch_rules.length} dispatch ${dispatch_rules.length === 1 ? 'rule' : 'rules'}`),
    ...dispatch_rules.flatMap(describeRule),
    heading(findings.length === 0 ? 'Nothing found' : countLine(audit)),
    ...describeFindings(findings),
    ...errors.map(({ id, message }) => `Could not check for ${id}: ${message}`),
  ];
  return `${lines
    .join('\n')
    .replace(/(?!\n)\p{Cc}/gu, escapeControl)
    .trim()}\n`;
}

function describeTrunks(trunks: readonly TrunkJson[], rules: readonly RuleJson[]): string[] {
  const bound = new Map<string, string[]>();
  for (const rule of rules) {
    for (const trunkId of new Set(rule.trunk_ids)) addTo(bound, trunkId, rule.sip_dispatch_rule_id);
  }
  const wildcards = rules.filter((rule) => rule.trunk_ids.length === 0).length;
  const unbound = wildcards > 0 ? [`${wildcards} without trunk_ids`] : [];
  return trunks.flatMap((trunk) => describeTrunk(trunk, [...(bound.get(trunk.sip_trunk_id) ?? []), ...unbound]));
}

function describeTrunk(trunk: TrunkJson, leadsTo: readonly string[]): string[] {
  return [
    named('Trunk', trunk.sip_trunk_id, trunk.name),
    ...(trunk.has_assumed_id ? field('sip_trunk_id', ASSUMED) : []),
    ...list('numbers', trunk.numbers, 'every number that no other trunk lists'),
    ...list('allowed_addresses', trunk.allowed_addresses, 'every address'),
    ...list('allowed_numbers', trunk.allowed_numbers, 'every caller'),
    ...field('auth_username', trunk.auth_username || '(not set)'),
    ...field('auth_password', trunk.auth_password),
    ...(trunk.ringing_timeout_seconds === undefined
      ? []
      : field('ringing_timeout', `${trunk.ringing_timeout_seconds} s`)),
    ...mediaFields(trunk.media),
    ...field('dispatch rules', leadsTo.join(', ') || '(none)'),
    '',
  ];
}

const ASSUMED = 'assumed: the file gives none, and its dispatch rules name this one';

function describeRule(rule: RuleJson): string[] {
  const room = rule.kind === 'direct' ? 'room_name' : 'room_prefix';
  return [
    named('Dispatch rule', rule.sip_dispatch_rule_id, rule.name),
    ...field('kind', rule.kind ?? '(unknown to sipwhy)'),
    ...field(room, rule.room || '(none)'),
    ...field('pin', rule.pin),
    ...list('trunk_ids', rule.trunk_ids, 'every trunk, and calls that no trunk matched'),
    ...list('numbers', rule.numbers, 'every called number'),
    ...list('inbound_numbers', rule.inbound_numbers, 'every caller'),
    ...list('agents', rule.agents, 'none by name: only workers without an agent_name get its calls'),
    ...mediaFields(rule.media),
    '',
  ];
}

function mediaFields(media: MediaJson | undefined): string[] {
  if (!media) return [];
  const { encryption, only_listed_codecs, codecs, media_timeout_seconds } = media;
  return [
    ...(encryption === undefined ? [] : field('media encryption', encryption)),
    ...(only_listed_codecs || codecs.length > 0
      ? field('media codecs', `${only_listed_codecs ? 'only ' : 'LiveKit’s own and '}${codecs.join(', ') || '(none)'}`)
      : []),
    ...(media_timeout_seconds === undefined ? [] : field('media timeout', `${media_timeout_seconds} s`)),
  ];
}

function countLine({ findings }: AuditJson): string {
  const total = (severity: string) =>
    findings.filter((one) => one.severity === severity).reduce((sum, { count }) => sum + count, 0);
  const parts = ['critical', 'warning', 'info'].map((severity) => ({ severity, places: total(severity) }));
  const found = parts.filter(({ places }) => places > 0).map(({ severity, places }) => `${severity} ${places}`);
  return `Found: ${found.join(', ')}`;
}

function describeFindings(findings: AuditJson['findings']): string[] {
  const lines: string[] = [];
  for (const places of Map.groupBy(findings, ({ id }) => id).values()) {
    const [first] = places;
    if (!first) continue;
    lines.push(`[${first.severity}] ${first.id}: ${first.title}`);
    lines.push(...wrap(`Why it matters: ${first.why}`, '  '), ...wrap(`Fix: ${first.fix}`, '  '));
    lines.push(`  Runbook: ${pageOf(first.id)}`);
    for (const { what, fixes } of places.slice(0, SHOWN)) {
      lines.push(...wrap(what, '    ', '  - '));
      for (const { action, pastes } of fixes) {
        lines.push(...wrap(`Fix: ${action}`, '      ', '    '));
        // Flush left, so that what is copied from a terminal works as it is.
        for (const { label, text } of pastes) lines.push(`      ${label}:`, '', text, '');
      }
    }
    const more = places.slice(SHOWN).reduce((sum, { count }) => sum + count, 0);
    if (more > 0) lines.push(`  and ${more} more of this kind; --json lists more.`);
    lines.push('');
  }
  return lines;
}

function heading(text: string): string {
  return `${text}\n`;
}

function named(what: string, id: string, name: string): string {
  return name === '' ? `${what} ${id}` : `${what} ${id} "${name}"`;
}

function list(name: string, values: readonly string[], whenEmpty: string): string[] {
  return field(name, values.map(written).join(', ') || `(${whenEmpty})`);
}

function field(name: string, text: string): string[] {
  return wrap(text, ' '.repeat(21), `  ${name.padEnd(19)}`);
}

/** Lines of at most WIDTH columns where the words allow it. */
function wrap(text: string, indent: string, firstIndent = indent): string[] {
  const lines: string[] = [];
  let line = firstIndent;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line === indent || line === firstIndent ? word : ` ${word}`;
  }
  return [...lines, line];
}

// A name may contain control characters, which move the cursor of a terminal.
function escapeControl(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A configuration and its audit as JSON, as the command prints it and the API answers it. Keys are public. */
export function toJson(snapshot: Snapshot, report: AuditReport) {
  return {
    trunks: snapshot.trunks.map(trunkJson),
    dispatch_rules: snapshot.rules.map(ruleJson),
    findings: report.findings.map(({ finding, rules, ...rest }) => ({
      id: finding,
      ...rest,
      /** LiveKit's name of the trunk; `null` if it has none. */
      trunk_name: snapshot.trunksById.get(rest.trunk)?.name || null,
      dispatch_rules: rules,
    })),
    errors: report.errors.map(({ finding, message }) => ({ id: finding, message })),
  };
}

export type AuditJson = ReturnType<typeof toJson>;
export type TrunkJson = ReturnType<typeof trunkJson>;
export type RuleJson = ReturnType<typeof ruleJson>;

type MediaJson = NonNullable<ReturnType<typeof mediaJson>['media']>;

/** The media settings, if at least one is set. */
function mediaJson(owner: InboundTrunk | DispatchRule) {
  const { encryption, olderEncryption, onlyListedCodecs, codecs, timeoutSeconds } = mediaOf(owner);
  const known = encryption ?? (olderEncryption === 'SIP_MEDIA_ENCRYPT_DISABLE' ? undefined : olderEncryption);
  const isAny = known !== undefined || onlyListedCodecs || codecs.length > 0 || timeoutSeconds !== undefined;
  if (!isAny) return {};
  return {
    media: {
      ...(known !== undefined && { encryption: known }),
      only_listed_codecs: onlyListedCodecs,
      codecs: codecs.map(codecName),
      ...(timeoutSeconds !== undefined && { media_timeout_seconds: timeoutSeconds }),
    },
  };
}

function trunkJson(trunk: InboundTrunk) {
  const { has_password, ringing_timeout_seconds, rest: _, ...known } = trunk;
  return {
    ...known,
    auth_password: isSet(has_password),
    ...(ringing_timeout_seconds !== undefined && { ringing_timeout_seconds }),
    ...mediaJson(trunk),
  };
}

function ruleJson(rule: DispatchRule) {
  const { kind = null, pin, body: _, rest: __, ...known } = rule;
  return { ...known, kind, pin: isSet(pin !== ''), agents: agentNamesOf(rule), ...mediaJson(rule) };
}

// Passwords and pins are never shown. People need to know only whether there is one.
function isSet(is: boolean): 'set' | 'not set' {
  return is ? 'set' : 'not set';
}
