import luaparse from 'luaparse';

/**
 * Translates a script of ours from Lua into JavaScript, so that the in-memory group runs the very text that Redis runs,
 * and users need no Lua interpreter. Only the part of Lua that our scripts use: everything else is refused, here and
 * not at run time.
 *
 * A Lua function becomes one that returns the list of its values; nil is `undefined`, a string holds one byte a
 * character. What the code calls by a bare name comes from lib/in-memory/lua/runtime.ts.
 *
 * @param {string} source a whole script, includes resolved
 * @returns {string} an expression: a function of the runtime, `redis`, KEYS and ARGV
 * @throws Error that names the line when the script uses something that is not translated
 */
export function translateLua(source) {
  const bytes = Buffer.from(source, 'utf8').toString('latin1');
  const { body } = luaparse.parse(bytes, {
    luaVersion: '5.1',
    comments: false,
    locations: true,
    ranges: true,
    encodingMode: 'pseudo-latin1',
  });
  count = 0;
  text = bytes;
  const code = new Scope().functionBody(body);
  return `({ ${runtimeNames.replaceAll(' ', ', ')} }, redis, KEYS, ARGV) => ${code}`;
}

const runtimeNames =
  'Table truthy and or first number length concat modulo iterate lt le gt ge string table math ' +
  'ipairs pairs tonumber tostring type pcall error unpack';

/** Globals whose members are plain properties; the others are values. */
const libraries = new Set(['string', 'table', 'math', 'redis']);
const functions = new Set(['ipairs', 'pairs', 'tonumber', 'tostring', 'type', 'pcall', 'error', 'unpack']);
const globals = new Set(['KEYS', 'ARGV', ...functions, ...libraries]);
const arithmetic = new Set(['+', '-', '*', '/']);
const comparisons = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' };

/** Declared so far: no two names of a script are the same in JavaScript. */
let count = 0;
/** What is being translated. */
let text = '';

/** The names that are visible at one place, each with the one it has in JavaScript: Lua may declare a name twice. */
class Scope {
  names = new Map();

  constructor(outer) {
    this.outer = outer;
  }

  declare(name) {
    const own = `${name}$${(count += 1)}`;
    this.names.set(name, own);
    return own;
  }

  find(name) {
    return this.names.get(name) ?? this.outer?.find(name);
  }

  functionBody(statements) {
    return `{ ${this.statements(statements)} return []; }`;
  }

  block(statements) {
    return `{ ${new Scope(this).statements(statements)} }`;
  }

  statements(statements) {
    return statements.map((statement) => this.statement(statement)).join('\n');
  }

  statement(node) {
    switch (node.type) {
      case 'LocalStatement':
        return this.local(node);
      case 'AssignmentStatement':
        return this.assignment(node);
      case 'CallStatement':
        return `${this.call(node.expression)};`;
      case 'FunctionDeclaration':
        return this.declaration(node);
      case 'ReturnStatement':
        return `return ${this.list(node.arguments)};`;
      case 'BreakStatement':
        return 'break;';
      case 'DoStatement':
        return this.block(node.body);
      case 'WhileStatement':
        return `while (${this.condition(node.condition)}) ${this.block(node.body)}`;
      case 'IfStatement':
        return node.clauses.map((clause) => this.clause(clause)).join(' else ');
      case 'ForNumericStatement':
        return this.numericFor(node);
      case 'ForGenericStatement':
        return this.genericFor(node);
      default:
        return refuse(node);
    }
  }

  local({ variables, init }) {
    // the values are still read in the names' old meaning
    const values = init.length === 1 && variables.length === 1 ? this.value(init[0]) : this.list(init);
    const names = variables.map(({ name }) => this.declare(name));
    return names.length === 1 && init.length <= 1
      ? `let ${names[0]}${init.length === 0 ? '' : ` = ${values}`};`
      : `let [${names.join(', ')}] = ${values};`;
  }

  assignment({ variables, init }) {
    if (variables.length === 1 && init.length === 1) return `${this.store(variables[0], this.value(init[0]))};`;
    const stores = variables.map((variable, index) => `${this.store(variable, `values[${index}]`)};`);
    return `{ const values = ${this.list(init)}; ${stores.join(' ')} }`;
  }

  store(target, value) {
    if (target.type === 'Identifier') return `${this.find(target.name) ?? refuse(target)} = ${value}`;
    const [base, key] = this.place(target);
    return `${base}.set(${key}, ${value})`;
  }

  /** @returns the table and the key of an index expression */
  place(node) {
    if (node.type === 'MemberExpression' && node.indexer === '.') {
      return [this.value(node.base), JSON.stringify(node.identifier.name)];
    }
    return node.type === 'IndexExpression' ? [this.value(node.base), this.value(node.index)] : refuse(node);
  }

  declaration(node) {
    if (node.identifier.type !== 'Identifier') return `${this.store(node.identifier, this.closure(node))};`;
    if (!node.isLocal) return refuse(node);
    const name = this.declare(node.identifier.name);
    return `const ${name} = ${this.closure(node)};`;
  }

  closure({ parameters, body }) {
    const inner = new Scope(this);
    const names = parameters.map((parameter) =>
      parameter.type === 'Identifier' ? inner.declare(parameter.name) : refuse(parameter),
    );
    return `(${names.join(', ')}) => ${inner.functionBody(body)}`;
  }

  clause({ type, condition, body }) {
    return type === 'ElseClause' ? this.block(body) : `if (${this.condition(condition)}) ${this.block(body)}`;
  }

  numericFor({ variable, start, end, step, body }) {
    const inner = new Scope(this);
    const own = inner.declare(variable.name);
    const last = inner.declare('last');
    const by = step ? this.value(step) : '1';
    const declared = `let ${own} = number(${this.value(start)}), ${last} = number(${this.value(end)})`;
    if (!/^\d+$/.test(by)) return refuse(step);
    return `for (${declared}; ${own} <= ${last}; ${own} += ${by}) ${inner.block(body)}`;
  }

  genericFor({ variables, iterators, body }) {
    const values = this.list(iterators);
    const inner = new Scope(this);
    const names = variables.map(({ name }) => inner.declare(name));
    return `for (let [${names.join(', ')}] of iterate(${values})) ${inner.block(body)}`;
  }

  /** All values of a list of expressions: a call at its end gives all of its own. */
  list(nodes) {
    const last = nodes.at(-1);
    if (nodes.length === 1 && givesAll(last, 0)) return this.call(last);
    return `[${this.items(nodes)}]`;
  }

  /** @param own parentheses around the list that are not of its last item: 1 when it is the only argument of a call */
  items(nodes, own = 0) {
    return nodes
      .map((node, index) =>
        index === nodes.length - 1 && givesAll(node, own) ? `...${this.call(node)}` : this.value(node),
      )
      .join(', ');
  }

  call({ type, base, arguments: given }) {
    if (type !== 'CallExpression') return refuse({ type, loc: base.loc });
    return `${this.value(base)}(${this.items(given, given.length === 1 ? 1 : 0)})`;
  }

  condition(node) {
    const text = this.value(node);
    const isBoolean =
      (node.type === 'BinaryExpression' && (node.operator in comparisons || /[=~]=/.test(node.operator))) ||
      (node.type === 'UnaryExpression' && node.operator === 'not');
    return isBoolean ? text : `truthy(${text})`;
  }

  /** The one value of an expression. */
  value(node) {
    switch (node.type) {
      case 'Identifier':
        return this.find(node.name) ?? (globals.has(node.name) ? node.name : refuse(node));
      case 'StringLiteral':
      case 'NumericLiteral':
      case 'BooleanLiteral':
        return JSON.stringify(node.value);
      case 'NilLiteral':
        return 'undefined';
      case 'CallExpression':
        return `first(${this.call(node)})`;
      case 'FunctionDeclaration':
        return this.closure(node);
      case 'MemberExpression':
      case 'IndexExpression':
        return this.member(node);
      case 'TableConstructorExpression':
        return this.table(node);
      case 'LogicalExpression':
        return `${node.operator}(${this.value(node.left)}, () => ${this.value(node.right)})`;
      case 'UnaryExpression':
        return this.unary(node);
      case 'BinaryExpression':
        return this.binary(node);
      default:
        return refuse(node);
    }
  }

  member(node) {
    const { base } = node;
    if (base.type === 'Identifier' && libraries.has(base.name) && this.find(base.name) === undefined) {
      return `${base.name}.${node.identifier.name}`;
    }
    const [table, key] = this.place(node);
    return `${table}.get(${key})`;
  }

  table({ fields }) {
    const values = fields.filter(({ type }) => type === 'TableValue').map(({ value }) => value);
    const named = fields
      .filter(({ type }) => type !== 'TableValue')
      .map(({ type, key, value }) => {
        const name = type === 'TableKeyString' ? JSON.stringify(key.name) : this.value(key);
        return `[${name}, ${this.value(value)}]`;
      });
    return `new Table(${this.list(values)}${named.length > 0 ? `, [${named.join(', ')}]` : ''})`;
  }

  unary({ operator, argument, ...node }) {
    const value = this.value(argument);
    if (operator === 'not') return `!truthy(${value})`;
    if (operator === '-') return `(-number(${value}))`;
    return operator === '#' ? `length(${value})` : refuse(node);
  }

  binary({ operator, left, right, ...node }) {
    const [a, b] = [this.value(left), this.value(right)];
    if (operator === '==' || operator === '~=') return `(${a} ${operator === '==' ? '===' : '!=='} ${b})`;
    if (operator === '..') return `concat(${a}, ${b})`;
    if (operator === '%') return `modulo(number(${a}), number(${b}))`;
    if (arithmetic.has(operator)) return `(number(${a}) ${operator} number(${b}))`;
    return operator in comparisons ? `${comparisons[operator]}(${a}, ${b})` : refuse(node);
  }
}

/** Whether an expression at the end of a list gives all its values: a call does, unless parentheses are around it. */
function givesAll({ type, range }, own) {
  if (type !== 'CallExpression') return false;
  // the parser does not tell
  const [start, end] = range;
  const opened = /[(\s]*$/.exec(text.slice(0, start))[0].replaceAll(/\s/g, '').length;
  const closed = /^[)\s]*/.exec(text.slice(end))[0].replaceAll(/\s/g, '').length;
  return Math.min(opened, closed) <= own;
}

/** @throws Error always */
function refuse({ type, name, loc }) {
  throw new Error(`line ${loc?.start.line ?? '?'}: ${name ?? type} is not translated from Lua`);
}
