// The command line of the benchmark.

import { parseArgs } from 'node:util'
import { frameworks } from './frameworks.mjs'
import { scenarios } from './scenarios.mjs'

export const usage = `npm run bench -- [options]

  --rounds N            interleaved rounds, 7
  --seconds N           time of one framework in one round, 1
  --warm-up N           seconds of load before the first round, 2
  --connections N       connections of the load, 64
  --only A,B            of the scenarios ${Object.keys(scenarios).join(', ')}
  --frameworks A,B      of ${Object.keys(frameworks).join(', ')}; bare is always measured
  --json FILE           writes the figures to FILE too
  --help`

/** The options in `args`; throws an error that names what is wrong. */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '1' },
      'warm-up': { type: 'string', default: '2' },
      connections: { type: 'string', default: '64' },
      only: { type: 'string' },
      frameworks: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    rounds: Math.round(parseNumber('--rounds', values.rounds, 1, 100)),
    seconds: parseNumber('--seconds', values.seconds, 0.1, 60),
    warmUpSeconds: parseNumber('--warm-up', values['warm-up'], 0.1, 60),
    connections: Math.round(parseNumber('--connections', values.connections, 1, 1000)),
    scenarios: parseNames('--only', values.only, Object.keys(scenarios)),
    frameworks: parseNames('--frameworks', values.frameworks && `bare,${values.frameworks}`, Object.keys(frameworks)),
    jsonFile: values.json,
    help: values.help,
  }
}

function parseNumber(option, text, least, most) {
  const number = Number(text)
  if (!(number >= least && number <= most)) throw new Error(`${option} takes a number from ${least} to ${most}`)
  return number
}

/** The names in `text`, in the order of `known`; all of them without a text. */
function parseNames(option, text, known) {
  if (text === undefined) return known
  const names = text.split(',').map((name) => name.trim())
  const stranger = names.find((name) => !known.includes(name))
  if (stranger !== undefined) throw new Error(`${option}: '${stranger}' is none of ${known.join(', ')}`)
  return known.filter((name) => names.includes(name))
}
