import { loadParser } from '../../config/load-parser.ts'
import { redact } from '../../dynamic/model/redact.ts'
import type { ServicesModel } from './model.ts'

export const outputFormats = ['json', 'yaml'] as const

export type OutputFormat = (typeof outputFormats)[number]

const loadYaml = loadParser<typeof import('yaml')>('yaml', '.yaml', () => require('yaml') as unknown)

/**
 * Prints a model in the shape of a services file, which says the same when it is read.
 *
 * @param showsSecrets false prints `***` in their place, which is refused when it is read
 */
export function printServices(model: ServicesModel, format: OutputFormat, showsSecrets: boolean): string {
  const all = toFile(model)
  const shown = showsSecrets ? all : redact(all)
  return format === 'json' ? `${JSON.stringify(shown, undefined, 2)}\n` : loadYaml().stringify(shown, { lineWidth: 0 })
}

/** Returns what a services file has to say for a model: without empty lists and origins. */
function toFile(model: ServicesModel): object {
  const parts = Object.entries(model).filter(([, part]) => !Array.isArray(part) || part.length > 0)
  return Object.fromEntries(
    parts.map(([name, part]: [string, object | readonly object[]]) => [
      name,
      Array.isArray(part) ? (part as readonly object[]).map(withoutOrigin) : withoutOrigin(part),
    ]),
  )
}

function withoutOrigin(part: object): object {
  const { origin: _, ...said } = part as { readonly origin: unknown }
  return said
}
