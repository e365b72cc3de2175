// The command line of the benchmark.

import { parseArgs } from 'node:util'
import { frameworks } from './frameworks.mjs'
import { scenarios } from './scenarios.mjs'

export const usage = `npm run bench -- [options]

  --quick               only proves that all start and answer alike; nothing is timed
  --launches N          how often all processes are started anew, 3
  --rounds N            interleaved rounds of each launch, 5
  --seconds N           time of one framework in one round, 0.3
  --warm-up N           seconds of load before the first round of a launch, 0.7
  --connections N       connections of the load, 64
  --scenarios A,B       of ${Object.keys(scenarios).join(', ')}
  --frameworks A,B      of ${Object.keys(frameworks).join(', ')}; bare is always measured
  --json FILE           writes the figures to FILE too
  --svg FILE            draws the processor time to FILE; a whole run of 5 rounds or more draws docs/benchmark.svg
  --help`

/** The options in `args`; throws an error that names what is wrong. */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      launches: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.3' },
      'warm-up': { type: 'string', default: '0.7' },
      connections: { type: 'string', default: '64' },
      scenarios: { type: 'string' },
      frameworks: { type: 'string' },
      json: { type: 'string' },
      svg: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const rounds = Math.round(parseNumber('--rounds', values.rounds, 1, 100))
  const isWhole = values.scenarios === undefined && values.frameworks === undefined && rounds >= 5
  return {
    quick: values.quick,
    launches: Math.round(parseNumber('--launches', values.launches, 1, 20)),
    rounds,
    seconds: parseNumber('--seconds', values.seconds, 0.1, 60),
    warmUpSeconds: parseNumber('--warm-up', values['warm-up'], 0.1, 60),
    connections: Math.round(parseNumber('--connections', values.connections, 1, 1000)),
    scenarios: parseNames('--scenarios', values.scenarios, Object.keys(scenarios)),
    frameworks: parseNames('--frameworks', values.frameworks && `bare,${values.frameworks}`, Object.keys(frameworks)),
    jsonFile: values.json,
    svgFile: values.svg ?? (isWhole ? new URL('../../docs/benchmark.svg', import.meta.url) : undefined),
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
