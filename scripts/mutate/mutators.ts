import { stripTypeScriptTypes } from 'node:module';
import { type AnyNode, type BinaryExpression, type CallExpression, type Node, parse } from 'acorn';

/** One change of a source file, by positions in its text. */
export interface Mutant {
  /** The kind of change, such as `relation` or `statement`. */
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** A position that runs whenever what is changed does. */
  readonly reachedAt: number;
  /** Whether it takes effect while the module loads, not while one of its functions runs. */
  readonly atLoad: boolean;
}

type Change = Pick<Mutant, 'start' | 'end' | 'replacement'>;

/** What the documentation shows: it decides nothing. */
const SHOWN: ReadonlySet<string> = new Set(['examples', 'runbook']);

const LAYOUT: ReadonlySet<string> = new Set(['toFixed', 'padStart', 'padEnd']);

const OTHER_OPERATORS: Readonly<Record<string, readonly [operator: string, others: readonly string[]]>> = {
  '<': ['relation', ['<=', '>=']],
  '<=': ['relation', ['<', '>']],
  '>': ['relation', ['>=', '<=']],
  '>=': ['relation', ['>', '<']],
  '===': ['equality', ['!==']],
  '!==': ['equality', ['===']],
  '+': ['arithmetic', ['-']],
  '-': ['arithmetic', ['+']],
  '*': ['arithmetic', ['/']],
  '/': ['arithmetic', ['*']],
  '%': ['arithmetic', ['*']],
  '&&': ['logic', ['||']],
  '||': ['logic', ['&&']],
};

const OTHER_METHODS: Readonly<Record<string, string>> = { some: 'every', every: 'some', min: 'max', max: 'min' };
const EFFECTS: ReadonlySet<string> = new Set([
  'CallExpression',
  'AssignmentExpression',
  'UpdateExpression',
  'YieldExpression',
  'LogicalExpression',
]);
const ORDERING: ReadonlySet<string> = new Set(['sort', 'toSorted']);

/** TypeScript without its types, each remaining character where it was. */
export function stripped(source: string): string {
  return stripTypeScriptTypes(source);
}

/** Every mutant of a TypeScript file, in the order of the text. Types, comments and what is only shown have none. */
export function mutantsOf(source: string): Mutant[] {
  const text = stripped(source);
  const mutants: Mutant[] = [];
  const visit = (node: AnyNode, parent: AnyNode | undefined, atLoad: boolean) => {
    if (node.type === 'ImportDeclaration' || node.type === 'ThrowStatement' || isShown(node)) return;
    for (const [operator, changes] of Object.entries(changesOf(node, parent, text))) {
      for (const change of changes) mutants.push({ operator, ...change, reachedAt: node.start, atLoad });
    }
    const isFunction = /Function/.test(node.type);
    for (const child of childrenOf(node)) visit(child, node, atLoad && !isFunction);
  };
  visit(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), undefined, true);
  return mutants.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The text with a mutant in it. */
export function mutated(source: string, { start, end, replacement }: Change): string {
  const text = stripped(source);
  return text.slice(0, start) + replacement + text.slice(end);
}

function isShown(node: AnyNode): boolean {
  return node.type === 'Property' && node.key.type === 'Identifier' && SHOWN.has(node.key.name);
}

/** How many digits or columns a text has. */
function isLayout(parent: AnyNode | undefined): boolean {
  if (parent?.type !== 'CallExpression' || parent.callee.type !== 'MemberExpression') return false;
  const { property } = parent.callee;
  return property.type === 'Identifier' && LAYOUT.has(property.name);
}

/** A `yield` of nothing ends a slice of the work: whoever takes the slices gets the same result. */
function isPause(node: AnyNode): boolean {
  if (node.type !== 'YieldExpression' || node.delegate) return false;
  return !node.argument || (node.argument.type === 'Identifier' && node.argument.name === 'undefined');
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter((value): value is AnyNode => typeof value === 'object' && value !== null && typeof value.type === 'string');
}

function replace({ start, end }: Node, replacement: string): Change {
  return { start, end, replacement };
}

function changesOf(node: AnyNode, parent: AnyNode | undefined, text: string): Readonly<Record<string, Change[]>> {
  const source = (part: Node) => text.slice(part.start, part.end);
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return binaryChanges(node as BinaryExpression, text);
    case 'Literal':
      if (typeof node.value === 'boolean') return { boolean: [replace(node, `${!node.value}`)] };
      return typeof node.value === 'number' && !isLayout(parent)
        ? { number: numberChanges(node, node.value, parent) }
        : {};
    case 'UnaryExpression':
      return node.operator === '!' ? { negation: [replace(node, source(node.argument))] } : {};
    case 'IfStatement': {
      const condition = negated(node.test, source);
      const isExit = /^(Return|Continue|Break)/.test(lastOf(node.consequent)?.type ?? '');
      const exits = isExit && !node.alternate ? [replace(node, ';')] : [];
      return { condition, exit: exits };
    }
    case 'ConditionalExpression':
    case 'WhileStatement':
      return { condition: negated(node.test, source) };
    case 'ExpressionStatement':
      // A value alone does nothing: it is there for its type.
      return EFFECTS.has(node.expression.type) && !isPause(node.expression) ? { statement: [replace(node, ';')] } : {};
    case 'SwitchCase':
      return node.test?.type === 'Literal' && typeof node.test.value === 'string'
        ? { member: [replace(node.test, "'\\0'")] }
        : {};
    case 'ArrayExpression':
      return { member: withoutMembers(node.elements as readonly (AnyNode | null)[]) };
    case 'CallExpression':
      return callChanges(node, source);
    default:
      return {};
  }
}

function binaryChanges(node: BinaryExpression, text: string): Readonly<Record<string, Change[]>> {
  const { left, right } = node;
  const operator: string = node.operator;
  if (operator === '??') return { default: [replace(node, text.slice(left.start, left.end))] };
  // A sum of texts has no difference.
  if (operator === '+' && [left, right].some(isText)) return {};
  const [kind, others] = OTHER_OPERATORS[operator] ?? ['', []];
  const start = text.indexOf(operator, left.end);
  return { [kind]: others.map((replacement) => ({ start, end: start + operator.length, replacement })) };
}

function isText(node: AnyNode): boolean {
  if (node.type === 'BinaryExpression') return isText(node.left) || isText(node.right);
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
}

function numberChanges(node: Node, value: number, parent: AnyNode | undefined): Change[] {
  const others = new Set([0, value * 2]);
  if (parent?.type === 'BinaryExpression') others.add(value + 1);
  if (value === 0) others.add(1);
  others.delete(value);
  return [...others].map((other) => replace(node, `${other}`));
}

/** A comparison has its own mutants, and a negation too. */
function negated(test: AnyNode, source: (part: Node) => string): Change[] {
  const hasOwn = test.type === 'BinaryExpression' || (test.type === 'UnaryExpression' && test.operator === '!');
  return hasOwn ? [] : [replace(test, `!(${source(test)})`)];
}

function lastOf(statement: AnyNode): AnyNode | undefined {
  return statement.type === 'BlockStatement' ? statement.body.at(-1) : statement;
}

/** An array of literals stands for a set of which each may be missing. */
function withoutMembers(elements: readonly (AnyNode | null)[]): Change[] {
  if (!elements.every((element) => element?.type === 'Literal')) return [];
  return elements.flatMap((element, i) => {
    const [next, before] = [elements[i + 1], elements[i - 1]];
    if (!element) return [];
    const [start, end] = next ? [element.start, next.start] : [before?.end ?? element.start, element.end];
    return [{ start, end, replacement: '' }];
  });
}

function callChanges(node: CallExpression, source: (part: Node) => string): Readonly<Record<string, Change[]>> {
  const { callee } = node;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return {};
  const { name } = callee.property;
  const other = OTHER_METHODS[name];
  if (other) return { method: [replace(callee.property, other)] };
  if (name === 'filter') return { filter: [replace(node, source(callee.object))] };
  const [compare] = node.arguments;
  if (!ORDERING.has(name) || !compare) return {};
  return { order: [replace(compare, `(a, b) => (${source(compare)})(b, a)`)] };
}
