import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiCallsIn, apiCallsPaste, terraformPaste } from '../../../src/core/fixes/apiCalls.ts';
import { curlPaste } from '../../../src/core/fixes/liveKitCommand.ts';
import { newTrunkFix } from '../../../src/core/fixes/trunkFix.ts';
import { run, sentBy } from './runCommands.ts';

const ADD = {
  method: 'UpdateSIPInboundTrunk',
  body: { sip_trunk_id: 'ST_1', update: { allowed_numbers: { add: ['it’s $\u007bx} %{y} "z" \\ \''] } } },
};

describe('the API calls of a fix', () => {
  it('are those that its curl command sends', () => {
    const pastes = [curlPaste([ADD, { method: 'DeleteSIPTrunk', body: { sip_trunk_id: 'ST_2' } }])];
    const sent = run(pastes[0]?.text ?? '').map((words) => sentBy(words));
    assert.deepEqual(
      apiCallsIn(pastes),
      sent.map(({ method, body }) => ({ method, body })),
    );
    assert.equal(apiCallsIn(pastes).length, 2);
  });

  it('as JSON say which id a person has to fill in', () => {
    const paste = apiCallsPaste(newTrunkFix('+15550100', ['192.0.2.1'], []).pastes);
    assert.equal(paste?.label, 'API call (fill in each <…> first)');
    assert.deepEqual(JSON.parse(paste?.text ?? ''), [
      {
        method: 'CreateSIPInboundTrunk',
        body: { trunk: { name: 'Jambonz', numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] } },
      },
      {
        method: 'CreateSIPDispatchRule',
        body: {
          dispatch_rule: {
            rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
            trunk_ids: ['<the sip_trunk_id of the first answer>'],
          },
        },
      },
    ]);
  });
});

describe('Terraform of a fix', () => {
  const { text = '' } = terraformPaste([curlPaste([ADD])]) ?? {};

  it('declares its variables, the secret ones as such, and has no secret', () => {
    assert.match(text, /\nvariable "livekit_api_secret" \{\n {2}type = string\n {2}sensitive = true\n\}\n/);
    assert.match(text, /\n {6}LIVEKIT_API_SECRET = var\.livekit_api_secret\n/);
    assert.match(
      text,
      /\nresource "terraform_data" "sipwhy_update_inbound_trunk_st_1" \{\n {2}triggers_replace = \[sha256\("/,
    );
  });

  it('runs the very command that curl has', () => {
    const [, heredoc = ''] = /command = <<-EOT\n([\s\S]*?)\n {4}EOT\n/.exec(text) ?? [];
    // As Terraform reads it: the indentation goes, and $${ and %%{ are ${ and %{.
    const command = heredoc.replaceAll(/^ {6}/gm, '').replaceAll(/([$%])\1\{/g, '$1{');
    assert.equal(command, curlPaste([ADD]).text);
    const [sent] = run(command).map((words) => sentBy(words));
    assert.deepEqual(sent?.body, ADD.body);
  });

  it('has no expression that Terraform would evaluate', () => {
    assert.doesNotMatch(text.replaceAll(/(\$\$|%%)\{/g, ''), /[$%]\{/);
    for (const line of text.split('\n')) assert.doesNotMatch(line, /^ {4,}EOT.+/);
  });

  it('says that a creation is made again if it is run again', () => {
    const created = terraformPaste(newTrunkFix('+15550100', [], []).pastes);
    assert.match(
      created?.text ?? '',
      /^# Running it again creates another one: delete this block once it is applied\.$/m,
    );
    assert.doesNotMatch(text, /Running it again/);
  });
});
