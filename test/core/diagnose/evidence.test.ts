import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cause } from '../../../src/core/diagnose/cause.ts';
import { CAUSES } from '../../../src/core/diagnose/causes.ts';
import { explainExample } from '../examples.ts';

const ALL: readonly Cause[] = CAUSES;

const NAME_AGENT =
  'If the worker has an agent_name, name it in room_config.agents of the rule: otherwise the call rings, and no agent joins.';

/** By cause and example: the evidence beside what Jambonz reported, then the fixes. */
const ROWS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  agent_not_joined: {
    'a room that nobody else joined until its end certainly had no agent': [
      'participant: joined room call-1 (matched by SIP Call-ID)',
      'agent: none joined before the room ended',
      'dispatched agent: SDR_1 names no agent, so it reaches only a worker without an agent_name',
      'Fix: If the worker has an agent_name, name it in room_config of SDR_1.',
      'Fix: If it has none, check that it is running in this LiveKit project, and has capacity.',
    ],
    'without a report of the room’s end, the agent’s webhook may be lost': [
      'participant: joined room call-1 (matched by SIP Call-ID)',
      'agent: none joined',
      'dispatched agent: SDR_1 names no agent, so it reaches only a worker without an agent_name',
      'Fix: If the worker has an agent_name, name it in room_config of SDR_1.',
      'Fix: If it has none, check that it is running in this LiveKit project, and has capacity.',
    ],
    'a rule that dispatches an agent by name reaches only a worker of that name': [
      'dispatched agent: SDR_1 dispatches "desk-agent"',
      'Fix: Check that a worker with the agent_name "desk-agent" is running in this LiveKit project, and has capacity: SDR_1 dispatches it.',
      'Fix: If the agent did join, make it publish its audio track before it does anything slow.',
    ],
    'a fault in the configuration can’t have stopped a call that LiveKit admitted': [
      'dispatched agent: SDR_1 names no agent, so it reaches only a worker without an agent_name',
      'Fix: If the worker has an agent_name, name it in room_config of SDR_1.',
      'Fix: If it has none, check that it is running in this LiveKit project, and has capacity.',
      'Fix: If the agent did join, make it publish its audio track before it does anything slow.',
    ],
  },
  agent_not_publishing: {
    'an agent that left without having published anything, according to LiveKit': [
      'participant: joined room call-1 (matched by SIP Call-ID)',
      'agent: joined after 0.6 s but published no audio while it rang; LiveKit says it never published anything',
      'Fix: Make the agent publish its audio track as soon as it joins.',
    ],
    'an agent that joined, with no later report': [
      'participant: joined room call-1 (matched by SIP Call-ID)',
      'agent: joined after 0.6 s but published no audio while it rang',
      'Fix: Make the agent publish its audio track as soon as it joins.',
    ],
  },
  auth_missing: {
    'a 407 means that no credentials were sent': [
      'trunk ST_1 "trunk 1": requires credentials for livekit_client',
      'Fix: Dial with auth: username livekit_client and the trunk’s password.',
    ],
    'a 407 without LiveKit’s configuration is never certain': [
      'Fix: Add auth: {username, password} with the trunk’s credentials to the dial target.',
    ],
    'a 407 from a trunk that requires no credentials contradicts the configuration': [
      'trunk ST_1 "trunk 1": requires no credentials',
      'Fix: Add auth: {username, password} with the trunk’s credentials to the dial target.',
    ],
    'a trunk with a username but no password sends no challenge, so a 407 contradicts the configuration': [
      'trunk ST_1 "trunk 1": requires no credentials',
      'Fix: Dial with auth: username livekit_client and the trunk’s password.',
    ],
  },
  auth_rejected: {
    'a 401 "Unauthorized" means that the credentials don’t match the trunk’s': [
      'trunk ST_1 "trunk 1": requires credentials for livekit_client',
      'Fix: Dial with username livekit_client and the trunk’s password.',
    ],
    'a 401 "Unauthorized" for the trunk’s own username leaves the password': [
      'trunk ST_1 "trunk 1": requires credentials for livekit_client',
      'Fix: Compare the password in the dial target with the trunk’s: the username is right.',
    ],
    'a 401 "Bad credentials" means that LiveKit could not check them, so the password may be right': [
      'trunk ST_1 "trunk 1": requires credentials for livekit_client',
      'Fix: Compare the second INVITE as the SBC sends it with what livekit-sip receives: a B2BUA, proxy or ALG between them must not change its Call-ID or its Proxy-Authorization header. Leave the username and password as they are.',
    ],
    'a 401 that only the dial hook reports may be either': [
      'trunk ST_1 "trunk 1": requires credentials for livekit_client',
      'Fix: Look for the phrase of the 401 in livekit-sip’s log: after "Bad credentials", something between the SBC and LiveKit changes the Call-ID or the Proxy-Authorization header, and the password may be right.',
      'Fix: Dial with username livekit_client and the trunk’s password.',
    ],
    'a 401 without LiveKit’s configuration is never certain': [
      'Fix: Compare the username and password in the dial target with the trunk’s.',
    ],
  },
  called_number_not_on_trunk: {
    'silence for a number that no trunk has points to the called number': [
      'numbers of ST_1 "trunk 1": +15550100 isn’t in [+15550142]',
      'Fix: Add +15550100 to the numbers of ST_1 "trunk 1".',
      'Fix: Or dial +15550142, a number of ST_1 "trunk 1", if the call is meant for it.',
    ],
    'a number with a leading 00 is another number': [
      'numbers of ST_1 "trunk 1": 0015550100 isn’t in [+15550100]',
      'nearest number: +15550100: differs by 00 instead of +',
      'Fix: Dial +15550100, a number of ST_1 "trunk 1", instead of 0015550100.',
      'Fix: Or add 0015550100 to the numbers of ST_1 "trunk 1".',
    ],
    'with two equally likely trunks, a fault of one of them is not certain': [
      'numbers of ST_1 "trunk 1": +15550100 isn’t in [+15550101]',
      'Fix: Add +15550100 to the numbers of ST_1 "trunk 1".',
      'Fix: Or dial +15550101, a number of ST_1 "trunk 1", if the call is meant for it.',
    ],
    'of two equally likely trunks, the one with no other fault is chosen': [
      'numbers of ST_2 "trunk 2": +15550100 isn’t in [+15550102]',
      'Fix: Add +15550100 to the numbers of ST_2 "trunk 2".',
      'Fix: Or dial +15550102, a number of ST_2 "trunk 2", if the call is meant for it.',
    ],
  },
  caller_not_allowed: {
    'silence for a caller who isn’t on the list points to the caller': [
      'allowed_numbers of ST_1 "trunk 1": +15550123 isn’t in [+15550142]',
      'Fix: Add +15550123 to allowed_numbers of ST_1 "trunk 1".',
    ],
    'a caller who withholds the number is on the list only as “anonymous”': [
      'allowed_numbers of ST_1 "trunk 1": anonymous isn’t in [+15550142]',
      'Fix: Add anonymous to allowed_numbers of ST_1 "trunk 1". That admits every caller who withholds the number.',
    ],
    'a call without any caller is on no list': [
      'allowed_numbers of ST_1 "trunk 1": an empty caller isn’t in [+15550142]',
      'Fix: Decide whether ST_1 "trunk 1" should accept every caller, with an empty allowed_numbers: the call carries no caller, which no number on the list matches.',
    ],
  },
  dispatch_rule_conflict: {
    'a 503 "Try again later" with two conflicting rules is a rule conflict': [
      'conflicting dispatch rules: SDR_2 and SDR_1',
      'Fix: Give SDR_2 and SDR_1 different numbers, or different trunk_ids, inbound_numbers or pins.',
      'Fix: Last resort, because it can’t be undone: delete SDR_1, if SDR_2 should get the calls. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
      'Fix: Last resort, because it can’t be undone: delete SDR_2, if SDR_1 should get the calls. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
    ],
  },
  dispatch_rule_number_mismatch: {
    'silence with a rule for other called numbers points to the rule’s numbers': [
      'trunk: ST_1 "trunk 1"',
      'numbers of SDR_1: +15550100 isn’t in [+15550142], compared exactly as written',
      'Fix: Add +15550100, in exactly this format, to numbers of SDR_1.',
    ],
    'a rule compares numbers exactly as written: without the + it is another number': [
      'trunk: ST_1 "trunk 1"',
      'inbound_numbers of SDR_1: +15550123 isn’t in [15550123], compared exactly as written (the same number in another format)',
      'Fix: Write +15550123 instead of 15550123 in inbound_numbers of SDR_1.',
    ],
    'a called number without its + is another number, too': [
      'trunk: ST_1 "trunk 1"',
      'numbers of SDR_1: 15550100 isn’t in [+15550100], compared exactly as written (the same number in another format)',
      'Fix: Dial +15550100, the format in SDR_1, instead of 15550100.',
      'Fix: Write 15550100 instead of +15550100 in numbers of SDR_1. No caller could reach +15550100 any more.',
    ],
    'the SBC strips the + of a number that goes to LiveKit through a carrier': [
      'trunk: ST_1 "trunk 1"',
      'numbers of SDR_1: 15550100 isn’t in [+15550100], compared exactly as written (the same number in another format)',
      'Fix: Set "E.164 syntax" (e164_leading_plus) of the Jambonz carrier that leads to LiveKit: LiveKit then sees +15550100, and a + before every other number of that carrier.',
      'Fix: Write 15550100 instead of +15550100 in numbers of SDR_1. No caller could reach +15550100 any more.',
    ],
  },
  media_negotiation_failed: {
    'a 400 "Bad Request" after ringing is LiveKit’s empty 400: no common codec': [
      'Fix: Make Jambonz offer PCMU, PCMA or G722 (or AMR-WB, where LiveKit has it enabled). If the offer has only Opus, take Opus out or put G.711 (PCMU, PCMA) beside it.',
    ],
    'a 500 after ringing is a media error in LiveKit, but no missing codec': [
      'Fix: Give LiveKit the SIP Call-ID and time of the call: its log names the media error. A missing common codec would be a 400.',
    ],
  },
  sip_timeout: {
    'a 408 after 32 s without ringing means no response': [
      'Fix: Check firewall, port and transport between the SBC and the dialled host, in both directions.',
    ],
    'a 408 beside calls that got in is still no response, but hardly a firewall': [
      'other calls on the same trunk: 1 connected, 0 failed the same way (within 60 s before or after this call)',
      'Fix: Compare this INVITE with one that got in: size, headers, called number, port and transport. Other calls to this host got in at the same time, so also look for lost packets.',
      'Fix: Check firewall, port and transport between the SBC and the dialled host, in both directions.',
    ],
  },
  dispatch_rule_other_trunk: {
    'silence with a rule for another trunk points to the rule’s trunk': [
      'trunk: ST_1 "trunk 1"',
      'dispatch rules: SDR_1 for ST_2',
      'Fix: Add ST_1 "trunk 1" to trunk_ids of SDR_1.',
    ],
    'a rule whose trunk was created again names the old id': [
      'trunk: ST_1 "trunk 1"',
      'dispatch rules: SDR_1 for ST_old; SDR_2 for ST_old',
      'missing trunks: ST_old doesn’t exist',
      'Fix: Put ST_1 "trunk 1" into trunk_ids of SDR_1 in place of ST_old, which doesn’t exist: the rule’s room, agents and numbers stay. SDR_2 names ST_old too.',
      `Fix: Create a dispatch rule for ST_1 "trunk 1". ${NAME_AGENT}`,
    ],
    'two rules for trunks that no longer exist leave open which of them this trunk replaced': [
      'trunk: ST_1 "trunk 1"',
      'dispatch rules: SDR_1 for ST_old; SDR_2 for ST_older',
      'missing trunks: ST_old, ST_older don’t exist',
      `Fix: Create a dispatch rule for ST_1 "trunk 1". ${NAME_AGENT}`,
      'Fix: Put ST_1 "trunk 1" into trunk_ids of SDR_1 in place of ST_old, which doesn’t exist: the rule’s room, agents and numbers stay. Only if it replaced that trunk.',
      'Fix: Put ST_1 "trunk 1" into trunk_ids of SDR_2 in place of ST_older, which doesn’t exist: the rule’s room, agents and numbers stay. Only if it replaced that trunk.',
    ],
    'a rule of a missing trunk for other numbers is not this call’s': [
      'trunk: ST_1 "trunk 1"',
      'dispatch rules: SDR_1 for ST_old',
      'missing trunks: ST_old doesn’t exist',
      `Fix: Create a dispatch rule for ST_1 "trunk 1". ${NAME_AGENT}`,
    ],
  },
  dns_failure: {
    'a 503 "DNS Error" at once is a host that does not resolve': [
      'Fix: Correct the host in the dialled SIP URI: it has no address in the SBC’s DNS.',
    ],
    'a 503 "DNS Error" after 64 s is a resolver that does not answer': [
      'Fix: Fix the SBC’s resolver: it did not answer.',
    ],
    'a 503 "DNS Error" from a carrier may come from a SIP stack behind it': [
      'Fix: Correct the host of the carrier’s gateway in Jambonz: it has no address in the SBC’s DNS.',
    ],
    'a 503 "DNS Error" after ringing is the last gateway’s: another one rang': [
      'Fix: Look in the PCAP of Jambonz’s Recent Calls for the answer of the gateway or address that rang.',
      'Fix: Correct the host of the carrier’s gateway in Jambonz: it has no address in the SBC’s DNS.',
    ],
    'a 503 "DNS Error" after LiveKit rang is not certain: another address answered before': [
      'Fix: Look in the PCAP of Jambonz’s Recent Calls for the answer of the gateway or address that rang.',
      'Fix: Correct the host in the dialled SIP URI: it has no address in the SBC’s DNS.',
    ],
  },
  livekit_room_closed: {
    'a 486 for a room that LiveKit reports as deleted': [
      'participant: joined room call-1 (matched by SIP Call-ID)',
      'agent: none joined',
      'room: the room was deleted while it rang',
      'Fix: Look in LiveKit’s log for what deleted the room, and for a restart at that moment.',
    ],
  },
  livekit_unavailable: {
    'a 503 "Try again later" without LiveKit’s configuration may be a conflict or an outage': [
      'conflicting trunks or rules: unknown',
      'Fix: Check LiveKit’s status page, and contact LiveKit with the Call-ID and time of the call.',
    ],
    'a phraseless 503 that only the dial hook reports may be any 503': [
      'Fix: Check LiveKit’s status page, and contact LiveKit with the Call-ID and time of the call.',
    ],
    'a 503 "Service Unavailable" from a self-hosted LiveKit is no quota': [
      'Fix: Check livekit-server, Redis, and livekit-sip’s connection to both.',
    ],
    'a fault of a trunk is no next blocker if a wildcard rule bypasses the trunk': [
      'conflicting trunks or rules: none in the configuration',
      'Fix: Check LiveKit’s status page, and contact LiveKit with the Call-ID and time of the call.',
    ],
    'two conflicting trunks are no explanation if calls on another trunk fail the same way: an outage': [
      'conflicting trunks or rules: in the configuration, but calls without a conflict failed the same way',
      'calls on other trunks or without a trunk: 0 connected, 1 failed the same way (within 60 s before or after this call)',
      'Fix: Check LiveKit’s status page, and contact LiveKit with the Call-ID and time of the call.',
    ],
  },
  no_dispatch_rule: {
    'silence without any dispatch rule points to the missing rule': [
      'dispatch rules: none',
      'Fix: Create a dispatch rule for ST_1 "trunk 1". If the worker has an agent_name, name it in room_config.agents of the rule: otherwise the call rings, and no agent joins.',
    ],
  },
  no_trunk_configured: {
    'silence after one 180 in a project without a trunk points to the missing trunk': [
      'inbound trunks: none',
      'Fix: Create an inbound trunk for +15550100, and a dispatch rule for the trunk. If the worker has an agent_name, name it in room_config.agents of the rule: otherwise the call rings, and no agent joins.',
    ],
  },
  sip_host_wrong: {
    'the name in LIVEKIT_URL with .sip is the wrong host': [
      'dialled host: first-abcdefgh.sip.livekit.cloud has the name in LIVEKIT_URL, not the project id',
      'Fix: Dial the SIP host shown in the LiveKit project’s settings.',
    ],
    'the host in LIVEKIT_URL itself is the wrong host': [
      'dialled host: first-abcdefgh.livekit.cloud is the host in LIVEKIT_URL, not the SIP host',
      'Fix: Dial the SIP host shown in the LiveKit project’s settings.',
    ],
    'another project than LIVEKIT_SIP_HOST is the wrong host': [
      'dialled host: aaaaaaaaaaa.sip.livekit.cloud isn’t in LIVEKIT_SIP_HOST',
      'Fix: Dial vjnxecm0tjk.sip.livekit.cloud, the host in LIVEKIT_SIP_HOST.',
    ],
  },
  source_address_not_allowed: {
    'silence for an SBC that isn’t on the list points to the source address': [
      'allowed_addresses of ST_1 "trunk 1": 192.0.2.10 isn’t in [198.51.100.0/24]',
      'other addresses: 198.51.100.0/24 isn’t the address of an SBC: perhaps whoever sends the call to Jambonz, such as a carrier. LiveKit sees only the SBC’s address',
      'Fix: Add 192.0.2.10 to allowed_addresses of ST_1 "trunk 1". LiveKit sees the SBC’s address as the source, not that of whoever sends the call to Jambonz, such as a carrier; 198.51.100.0/24 isn’t the address of an SBC.',
    ],
    'silence with an unknown SBC address and no other fault is likely the address': [
      'allowed_addresses of ST_1 "trunk 1": can’t tell whether the SBC’s address (set JAMBONZ_SBC_ADDRESSES) is in [198.51.100.0/24]',
      'Fix: Set JAMBONZ_SBC_ADDRESSES to the addresses that the SBCs send from, so that sipwhy can check them.',
    ],
    'with one allowed SBC and one that isn’t, the address may or may not have passed': [
      'SBCs missing from allowed_addresses of ST_1 "trunk 1": 198.51.100.7, while 192.0.2.10 is listed',
      'Fix: Add 198.51.100.7 to allowed_addresses of ST_1 "trunk 1".',
    ],
  },
  transport_unreachable: {
    'a 503 "Service Unavailable" within 0.1 s is a refused connection, or the far end’s own answer': [
      'Fix: From the SBC, check the host, port and transport of the dialled SIP URI: firewall, listening port, TLS.',
    ],
    'a 503 with the stack’s own phrase means that the SBC lacks the transport': [
      'Fix: Enable the SIP URI’s transport on the SBC, or dial with another transport.',
    ],
  },
  trunk_conflict: {
    'a 503 "Try again later" with two matching trunks is a trunk conflict': [
      'matching trunks: ST_1 "trunk 1" and ST_2 "trunk 2" both accept +15550100 from +15550123',
      'Fix: Give ST_1 "trunk 1" and ST_2 "trunk 2" callers (allowed_numbers) that don’t overlap: all other callers are then refused. Addresses (allowed_addresses) help only if one of the two gets no calls from 192.0.2.10, which Jambonz sends from.',
      'Fix: Last resort, because it can’t be undone: delete ST_2 "trunk 2". ST_1 "trunk 1" accepts calls from every address without a password. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
    ],
    'two trunks that match except for an unknown address may conflict': [
      'matching trunks: ST_1 "trunk 1" and ST_2 "trunk 2" both accept +15550100 from +15550123',
      'Fix: Give ST_1 "trunk 1" and ST_2 "trunk 2" callers (allowed_numbers) or addresses (allowed_addresses) that don’t overlap.',
      'Fix: Last resort, because it can’t be undone: delete ST_2 "trunk 2". No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
    ],
    'two default trunks also conflict': [
      'matching trunks: ST_1 "trunk 1" and ST_2 "trunk 2" both accept every number from +15550123',
      'Fix: Add +15550100 to the numbers of ST_1 "trunk 1": it then takes only calls to +15550100, before ST_2 "trunk 2". ST_1 "trunk 1" accepts calls from every address without a password.',
      'Fix: Give ST_1 "trunk 1" and ST_2 "trunk 2" callers (allowed_numbers) that don’t overlap: all other callers are then refused. Addresses (allowed_addresses) help only if one of the two gets no calls from 192.0.2.10, which Jambonz sends from.',
      'Fix: Last resort, because it can’t be undone: delete ST_2 "trunk 2". ST_1 "trunk 1" accepts calls from every address without a password. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
    ],
  },
};

for (const [id, rows] of Object.entries(ROWS)) {
  describe(`evidence and fixes of ${id}`, () => {
    for (const [shows, wanted] of Object.entries(rows)) {
      it(shows, () => {
        const example = ALL.find((cause) => cause.id === id)?.examples.find((one) => one.shows === shows);
        assert.ok(example, 'no example shows this');
        const { evidence, fixes } = explainExample(example);
        assert.deepEqual(
          [
            ...evidence
              .filter(({ cause, source }) => cause === id && source !== 'jambonz')
              .map(({ name, value }) => `${name}: ${value}`),
            ...fixes.filter(({ cause }) => cause === id).map(({ action }) => `Fix: ${action}`),
          ],
          wanted,
        );
      });
    }
  });
}
