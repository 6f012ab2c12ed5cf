import { type Paste, pasteOf, pretty } from './fix.ts';
import { type ApiCall, apiCallsOf } from './liveKitCommand.ts';

/** The API calls of a fix, as its curl command makes them; none if it has no such command. */
export function apiCallsIn(pastes: readonly Paste[]): ApiCall[] {
  const curl = pastes.find(({ tool }) => tool === 'curl');
  return curl ? apiCallsOf(curl.text) : [];
}

/** The API calls of a fix as JSON: one object, or a list where there are several. */
export function apiCallsPaste(pastes: readonly Paste[]): Paste | undefined {
  const calls = apiCallsIn(pastes);
  const [first] = calls;
  if (!first) return undefined;
  return pasteOf({ label: 'API call', format: 'json', text: pretty(calls.length === 1 ? first : calls) });
}

/** A configuration for Terraform or OpenTofu. */
export interface TerraformPaste {
  readonly label: string;
  readonly format: 'hcl';
  readonly text: string;
}

/**
 * Terraform that makes the API calls of a fix once. No provider of Terraform knows LiveKit's trunks and rules, so it is
 * `terraform_data`, which is built in, with the curl command. It runs when it is created and when the calls change, never
 * else. What the calls add or remove is added or removed once, however often they run; what they create is not.
 */
export function terraformPaste(pastes: readonly Paste[]): TerraformPaste | undefined {
  const curl = pastes.find(({ tool }) => tool === 'curl');
  if (!curl) return undefined;
  const calls = apiCallsIn(pastes);
  const { label } = pasteOf({ ...curl, label: 'Terraform' });
  const text = [
    '# No Terraform provider has LiveKit’s SIP trunks and dispatch rules. If a module of yours makes them, change it there.',
    '# This runs the API calls with curl and openssl, once, and again only if they change. `terraform destroy` undoes nothing.',
    ...(calls.some(({ method }) => method.startsWith('Create'))
      ? ['# Running it again creates another one: delete this block once it is applied.']
      : []),
    ...VARIABLES.flatMap(({ name, secret }) => [
      `variable "${name}" {`,
      '  type = string',
      ...(secret ? ['  sensitive = true'] : []),
      '}',
      '',
    ]),
    `resource "terraform_data" "${resourceName(calls)}" {`,
    `  triggers_replace = [sha256(${quoted(JSON.stringify(calls))})]`,
    '',
    '  provisioner "local-exec" {',
    '    interpreter = ["/bin/sh", "-ec"]',
    '    environment = {',
    ...VARIABLES.map(({ name }) => `      ${name.toUpperCase()} = var.${name}`),
    '    }',
    '    command = <<-EOT',
    ...escaped(curl.text)
      .split('\n')
      .map((line) => `      ${line}`),
    '    EOT',
    '  }',
    '}',
  ].join('\n');
  return { label, format: 'hcl', text };
}

const VARIABLES = [
  { name: 'livekit_url', secret: false },
  { name: 'livekit_api_key', secret: true },
  { name: 'livekit_api_secret', secret: true },
];

/** A name that says what it changes. */
function resourceName(calls: readonly ApiCall[]): string {
  const [first] = calls;
  const id = first ? Object.values(first.body).find((value) => typeof value === 'string') : undefined;
  const words = [first?.method.replace(/SIP/, '_').replace(/(?<=[a-z])(?=[A-Z])/g, '_'), id].filter(Boolean).join('_');
  return `sipwhy_${words.replaceAll(/\W/g, '_').replaceAll(/_+/g, '_').toLowerCase()}`;
}

/** Terraform reads ${ and %{ in texts as expressions. */
function escaped(text: string): string {
  return text.replaceAll(/([$%])\{/g, '$1$1{');
}

function quoted(text: string): string {
  return `"${escaped(text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))}"`;
}
