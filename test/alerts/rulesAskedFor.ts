import { parse } from 'yaml';

type Rule = { readonly alert: string } | { readonly record: string };
interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly interval: string; readonly rules: readonly Rule[] }[];
}

/**
 * The rules that a test of promtool's names, with those that they read in turn, everything else as it is: promtool
 * evaluates each rule that it is given at each step, and most of them are no matter of the test. In JSON, which is YAML.
 */
export function rulesAskedFor(rules: string, test: string): string {
  // The file is this repository's own, and promtool has checked its shape.
  const { groups } = parse(rules) as RuleFile;
  const asked = new Set<Rule>();
  const read = (text: string): void => {
    for (const rule of groups.flatMap((group) => group.rules)) {
      if (asked.has(rule) || !text.includes(nameOf(rule))) continue;
      asked.add(rule);
      read(JSON.stringify(rule));
    }
  };
  read(test);
  const left = groups.map((group) => ({ ...group, rules: group.rules.filter((rule) => asked.has(rule)) }));
  return JSON.stringify({ groups: left.filter((group) => group.rules.length > 0) });
}

function nameOf(rule: Rule): string {
  return 'alert' in rule ? rule.alert : rule.record;
}
