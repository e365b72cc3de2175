import type { DatabaseKind } from './client.ts'

/**
 * What a test transaction does with a statement: runs it; guards it by a savepoint, since it may end the transaction; leaves it out;
 * refuses it because it ends the transaction, or because the database would commit before it.
 */
export type StatementTreatment = 'run' | 'guard' | 'leave out' | 'ends' | 'commits'

const ends =
  /^(begin|start\s+transaction|commit|end|abort|prepare\s+transaction|xa|rollback(?!\s+((work|transaction)\s+)?to\b))\b/i
const isolation = /^set\s+((local|session)\s+)?transaction\b/i
/** Of MySQL and MariaDB. Temporary tables commit nothing. */
const commits =
  /^(create(?!\s+(or\s+replace\s+)?temporary)|alter|drop(?!\s+temporary)|truncate|rename|grant|revoke|lock|unlock|analyze|optimize|repair|check|cache|flush|reset|install|uninstall)\b/i
/** What never ends a transaction of MySQL and MariaDB. Others may, such as a procedure. */
const isHarmless =
  /^[\s(]*(select|insert|update|delete|replace|with|values|table|show|explain|describe|desc|savepoint|rollback|release)\b/i

const literals: Readonly<Record<DatabaseKind, RegExp>> = {
  postgres: /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g,
  mysql: /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`[^`]*`|--\s[^\n]*|#[^\n]*|\/\*(?!M?!)[\s\S]*?\*\//g,
  sqlite: /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\//g,
  other: /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g,
}

/** Returns how a test transaction treats a text of SQL, which may have several statements. */
export function treatmentOf(sql: string, kind: DatabaseKind): StatementTreatment {
  const treatments = statementsOf(sql, kind).map((statement) => treat(statement, kind))
  const worst = (['ends', 'commits', 'guard'] as const).find((one) => treatments.includes(one))
  if (worst !== undefined) return worst
  return treatments.length > 0 && treatments.every((one) => one === 'leave out') ? 'leave out' : 'run'
}

// What is left of comments: MySQL and MariaDB run what is in those with an exclamation mark, and PostgreSQL nests them.
const commentMarks = /\/\*M?!\d*|\*\//g

/** The statements without comments, texts and quoted names. */
function statementsOf(sql: string, kind: DatabaseKind): string[] {
  const code = sql.replace(literals[kind], ' ').replace(commentMarks, ' ')
  return code
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

function treat(statement: string, kind: DatabaseKind): StatementTreatment {
  if (ends.test(statement)) return 'ends'
  if (isolation.test(statement)) return 'leave out'
  if (kind !== 'mysql') return 'run'
  if (commits.test(statement)) return 'commits'
  return isHarmless.test(statement) ? 'run' : 'guard'
}
