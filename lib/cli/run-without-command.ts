import { suggestName } from '../kit.ts'
import { type ReadServices, UsageError } from './command.ts'
import { runners } from './commands.ts'
import { parseFlags, type ParsedFlags } from './parse-flags.ts'
import { serviceFlags } from './service-flags.ts'
import { addressOf } from './services/address-of.ts'
import { type OutputFormat, outputFormats, printServices } from './services/print-services.ts'
import { readOnce } from './services/read-files.ts'
import { readServices } from './services/read-services.ts'
import type { ServicesModel } from './services/model.ts'
import { styleFor } from './style.ts'

/** Runs services from files and URLs, or checks or prints them. Returns the exit code. @throws UsageError */
export async function runWithoutCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(serviceFlags, args)
  const [extra] = flags.positionals
  if (extra !== undefined) throw new UsageError(`what is "${extra}"? A service is -L ${extra}, a file -C ${extra}`)
  const { values } = flags
  if (values['no-restart'] !== undefined)
    throw new UsageError(
      'the flag "--no-restart" stands before the first of several groups, as in tribind --no-restart -L :8080 -- -L :1080',
    )
  const listed = (name: string) => (values[name] ?? []) as readonly string[]
  const sources = { files: listed('config'), listen: listed('listen'), forward: listed('forward') }
  if (sources.files.length + sources.listen.length === 0)
    throw new UsageError(
      'nothing is to run: name a service, as in tribind -L http://:8080, or a file, as in tribind -C services.yaml',
    )
  if (sources.files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read once: "-C -" stands there twice')
  const format = readFormat(flags)
  const isCheck = values['check'] !== undefined
  if (isCheck && format !== undefined) throw new UsageError('the flags "--check" and "-O" exclude each other')
  const showsSecrets = readSecrets(flags)
  if (showsSecrets !== undefined && format === undefined) throw new UsageError('the flag "--secrets" needs "-O"')
  const input = readOnce(process.stdin)
  const read: ReadServices = () => readServices(sources, input)
  if (isCheck || format !== undefined) {
    const { model, warnings } = await read()
    tellWarnings(warnings)
    const isShown = showsSecrets ?? !process.stdout.isTTY
    process.stdout.write(format === undefined ? summarize(model) : printServices(model, format, isShown))
    return 0
  }
  return (await runners.services())(read)
}

function readFormat({ values }: ParsedFlags): OutputFormat | undefined {
  const [format] = values['output'] ?? []
  if (format === undefined) return undefined
  if (outputFormats.includes(format as OutputFormat)) return format as OutputFormat
  throw new UsageError(
    `the flag "-O" must be ${outputFormats.join(' or ')}, got "${String(format)}"${suggestName(String(format), outputFormats)}`,
  )
}

function readSecrets({ values }: ParsedFlags): boolean | undefined {
  const [given] = values['secrets'] ?? []
  if (given === undefined) return undefined
  if (given === 'show' || given === 'hide') return given === 'show'
  throw new UsageError(`the flag "--secrets" must be show or hide, got "${String(given)}"`)
}

function tellWarnings(warnings: readonly string[]): void {
  const style = styleFor(process.stderr)
  for (const warning of warnings) process.stderr.write(`${style('yellow', 'warning:')} ${warning}\n`)
}

function summarize({ services, api }: ServicesModel): string {
  const names = services.map((service) => `  ${service.name}: ${service.handler.type} at ${addressOf(service).addr}\n`)
  const admin = api === undefined ? '' : `  the administration at ${api.addr}\n`
  return `nothing is wrong with ${services.length} service${services.length === 1 ? '' : 's'}:\n${names.join('')}${admin}`
}
