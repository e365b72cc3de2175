import type { Command, Flags } from './command.ts'
import { commands } from './commands.ts'
import { serviceFlags } from './service-flags.ts'
import { hopParameters, nodeParameters, serviceParameters, type UrlParameter } from './services/url-parameters.ts'
import { styleFor } from './style.ts'

const WIDTH = 80
/** How wide the left column is at most. */
const MAX_LEFT = 26

type Row = readonly [left: string, right: string]

/** A heading with what stands below it. */
interface Section {
  readonly title: string
  readonly rows?: readonly Row[]
  readonly lines?: readonly string[]
}

const forms: readonly Row[] = [
  ['http://:8080', 'a proxy of HTTP; https:// over TLS'],
  ['socks5://user:pw@:1080', 'a proxy of SOCKS 5, for one user'],
  [':8080, auto://:8080', 'a proxy of HTTP, SOCKS 4 and SOCKS 5'],
  ['tcp://:80/a:80,b:80', 'connections, to one of several nodes each'],
  ['forward://:80/a:80,b:80', 'requests, to one of several nodes each'],
  ['app://:80?module=./app.js', 'the application that a module exports'],
]

const hopForms: readonly Row[] = [
  ['http://10.0.0.9:8000', 'through a proxy of HTTP; https:// over TLS'],
  ['socks5://user:pw@a:1080', 'through a proxy of SOCKS; socks4:// too'],
  ['http://a:80,b:80', 'through one of several'],
  ['tcp://a:80', 'to a, whatever the target is'],
  ['virtual://?interface=eth1', 'straight on, from an interface'],
]

const examples: readonly Row[] = [
  ['tribind -L http://:8080 -F socks5://10.0.0.9:1080', 'a proxy that goes through another one'],
  ["tribind -L 'tcp://:5432/db1:5432,db2:5432?strategy=fifo'", 'the first database that is up'],
  ['tribind -C services.yaml --check', 'what is wrong with a file'],
  ['tribind -L http://:8080 -O yaml > services.yaml', 'a file of a command line'],
]

/** Returns what `tribind --help` prints. */
export async function printHelp(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()))
  return print([
    {
      title: 'Usage',
      lines: [
        'tribind [-C FILE]... [-L URL]... [-F URL]... [--check | -O FORMAT]',
        'tribind [--no-restart] GROUP -- GROUP [-- GROUP]...',
        'tribind COMMAND [ARGUMENT]...',
      ],
    },
    { title: 'Services', rows: flagRows(serviceFlags) },
    ...(all.length > 0 ? [{ title: 'Commands', rows: all.map(({ usage, summary }): Row => [usage, summary]) }] : []),
    { title: 'Groups', lines: ['"--" runs the arguments before and after it in a process each.'] },
    { title: '-L URL: what listens, and what answers', rows: forms },
    {
      title: 'Parameters of -L, as in http://:8080?enableStats=true',
      rows: serviceParameters.map(parameterRow),
    },
    { title: '-F URL: what connections go through, in order', rows: hopForms },
    { title: 'Parameters of -F', rows: [...hopParameters, ...nodeParameters].map(parameterRow) },
    { title: 'Examples', lines: examples.flatMap(([line, does]) => [line, `    ${does}`]) },
    {
      title: 'Exit codes',
      rows: [
        ['0', 'ended as asked; with --check, nothing is wrong'],
        ['1', 'something failed; with --check, something is wrong'],
        ['2', "the command line can't be understood"],
      ],
    },
    { title: 'More', lines: ['tribind help COMMAND; docs/services-file.md in the package'] },
  ])
}

/** Returns what `tribind help NAME` prints. */
export function printCommandHelp({ usage, summary, flags = {}, examples = [] }: Command): string {
  return print([
    { title: 'Usage', lines: [`tribind ${usage}`, '', summary] },
    { title: 'Flags', rows: flagRows({ ...flags, help: { type: 'boolean', short: 'h', summary: 'prints this' } }) },
    ...(examples.length > 0
      ? [{ title: 'Examples', lines: examples.flatMap(([line, does]) => [line, `    ${does}`]) }]
      : []),
  ])
}

function flagRows(flags: Flags): Row[] {
  return Object.entries(flags).map(([name, { short, value, summary }]) => {
    const long = value === undefined ? `--${name}` : `--${name} ${value}`
    return [short === undefined ? `    ${long}` : `-${short}, ${long}`, summary]
  })
}

function parameterRow({ name, row }: UrlParameter): Row {
  const value =
    row.defaultText ?? (row.default === undefined ? undefined : String(row.default as string | number | boolean))
  const otherwise = value === undefined ? '' : ` (default ${value.replaceAll('`', '')})`
  const values = row.words.startsWith('one of ') ? `: ${row.words.slice('one of '.length)}` : ''
  return [name, `${row.summary ?? row.words}${values}${otherwise}`]
}

function print(sections: readonly Section[]): string {
  const style = styleFor(process.stdout)
  return sections
    .map(({ title, rows = [], lines = [] }) =>
      [style('bold', `${title}:`), ...lines.flatMap((line) => wrap(line, 2)), ...rows.flatMap(printRows(rows))].join(
        '\n',
      ),
    )
    .join('\n\n')
    .concat('\n')
}

/** Returns a function that prints a row beside the others: on lines of its own where its left side is wider than the column. */
function printRows(rows: readonly Row[]): (row: Row) => string[] {
  const column = Math.min(MAX_LEFT, Math.max(...rows.map(([left]) => left.length))) + 4
  return ([left, right]) => {
    const lines = wrap(right, column)
    if (left.length + 4 > column) return [...wrap(left, 2), ...lines]
    return [`  ${left}`.padEnd(column) + (lines[0] ?? '').trimStart(), ...lines.slice(1)]
  }
}

/** Breaks a text into lines, each with an indent. */
function wrap(text: string, indent: number): string[] {
  const start = ' '.repeat(indent + (text.length - text.trimStart().length))
  const lines = ['']
  for (const word of text.trim().split(' ')) {
    const line = lines.at(-1) as string
    if (line !== '' && start.length + line.length + word.length + 1 > WIDTH) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => start + line)
}
