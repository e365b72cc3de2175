import type { Flags } from './command.ts'

/** The flags of `tribind` without a command. */
export const serviceFlags: Flags = {
  config: {
    type: 'string',
    short: 'C',
    multiple: true,
    value: 'FILE',
    summary: 'runs what a file says, in JSON, YAML or TOML; several are joined, "-" is standard input',
  },
  listen: { type: 'string', short: 'L', multiple: true, value: 'URL', summary: 'runs a service, see below' },
  forward: {
    type: 'string',
    short: 'F',
    multiple: true,
    value: 'URL',
    summary: 'adds a hop to the chain of all services without one of their own',
  },
  output: {
    type: 'string',
    short: 'O',
    value: 'FORMAT',
    summary: 'prints what would run, as json or yaml, in the shape of a file',
  },
  secrets: {
    type: 'string',
    value: 'show|hide',
    summary: 'whether -O prints passwords and tokens (default hide on a terminal, show elsewhere)',
  },
  check: { type: 'boolean', summary: 'says what is wrong, and runs nothing' },
  'no-restart': { type: 'boolean', summary: 'before the first group: when a process fails, all are stopped' },
  help: { type: 'boolean', short: 'h', summary: 'prints this' },
  version: { type: 'boolean', short: 'v', summary: 'prints the version' },
}
