import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { openapiOptions } from '../../lib/binding/openapi-options.ts'
import { loadConfigOptions } from '../../lib/config/load-config.ts'
import { databaseOptions } from '../../lib/database/database-options.ts'
import { commandOptions, commandRows } from '../../lib/entrypoint/commands/command-options.ts'
import { entryPointOptions } from '../../lib/entrypoint/entry-point-options.ts'
import { limitRows } from '../../lib/entrypoint/http-limits.ts'
import { httpsOptions } from '../../lib/entrypoint/tls/https-options.ts'
import { observerOptions } from '../../lib/entrypoint/observers/observer-options.ts'
import { fileOptions } from '../../lib/http/files/file-options.ts'
import { inflateOptions } from '../../lib/http/body/inflate.ts'
import { uploadOptions } from '../../lib/http/forms/upload-limits.ts'
import { replaceOptions } from '../../lib/layers/replace-options.ts'
import { headersOptions } from '../../lib/http/field-changes.ts'
import { methodOverrideOptions } from '../../lib/http/method-override.ts'
import { bearerAuthOptions } from '../../lib/middleware/bearer-auth.ts'
import { csrfOptions } from '../../lib/middleware/csrf.ts'
import { etagOptions } from '../../lib/middleware/etag.ts'
import { redirectToHttpsOptions } from '../../lib/middleware/redirect-to-https.ts'
import { basicAuthOptions } from '../../lib/middleware/basic-auth.ts'
import { circuitBreakerOptions } from '../../lib/middleware/circuit-breaker.ts'
import { errorPagesOptions } from '../../lib/middleware/error-pages.ts'
import { forwardAuthOptions } from '../../lib/middleware/forward-auth.ts'
import { inFlightOptions } from '../../lib/middleware/in-flight.ts'
import { rateLimitOptions } from '../../lib/middleware/rate-limit.ts'
import { redirectOptions } from '../../lib/middleware/redirect.ts'
import { retryOptions } from '../../lib/middleware/retry.ts'
import { compressOptions } from '../../lib/middleware/compress.ts'
import { corsOptions } from '../../lib/middleware/cors.ts'
import { fromExpressOptions } from '../../lib/middleware/from-express.ts'
import { securityHeadersOptions } from '../../lib/middleware/security-headers.ts'
import { defineOptions } from '../../lib/options/define-options.ts'
import type { OptionRow } from '../../lib/options/option.ts'
import { serverOptions } from '../../lib/server/options.ts'
import { sessionOptions } from '../../lib/session/session-options.ts'
import { staticOptions } from '../../lib/static/static-options.ts'
import { viewOptions } from '../../lib/view/view-options.ts'
import { webSocketOptions } from '../../lib/websocket/web-socket-options.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const topLevel = (table: { rows(): OptionRow[] }) => table.rows().filter(({ name }) => !name.includes('.'))

/** The cells of the first table of a page that names an option. */
function tableWith(page: string, name: string): string[][] {
  const lines = read(page).split('\n')
  const at = lines.findIndex((line) => line.startsWith(`| \`${name}\``))
  const head = lines.slice(0, at).findLastIndex((line) => !line.startsWith('|')) + 1
  const end = lines.findIndex((line, i) => i >= at && !line.startsWith('|'))
  return lines.slice(head + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )
}

const namesIn = (cell = '') => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name as string)

/** A default as the documentation writes it. */
function print({ words, default: value, defaultText }: OptionRow): string {
  if (defaultText !== undefined) return defaultText
  if (value === undefined) return 'none'
  if (typeof value === 'string') return `\`${value}\``
  if (typeof value !== 'number') return JSON.stringify(value)
  if (words.endsWith('(milliseconds)') || words.startsWith('a time ')) return `${value.toLocaleString('en')} ms`
  if (!words.endsWith('(bytes)')) return value.toLocaleString('en')
  return value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : `${value / 1024} KiB`
}

/** The number that a cell begins with, in milliseconds or bytes. */
function amountIn(cell: string): number {
  const [, digits = '', unit = ''] = /^`?([\d,]+) ?(KiB|MiB)?/.exec(cell) ?? []
  return Number(digits.replaceAll(',', '')) * ({ KiB: 1024, MiB: 2 ** 20 }[unit] ?? 1)
}

describe('the table of options in README.md', () => {
  const rows = tableWith('README.md', 'address')

  for (const option of topLevel(serverOptions)) {
    it(`says of ${option.name} what it must be, and its default`, () => {
      const row = rows.find(([name]) => name === `\`${option.name}\``)
      expect(row?.slice(0, 3)).to.deep.equal([`\`${option.name}\``, option.words, print(option)])
    })
  }

  it('has no other options', () => {
    expect(rows.flatMap(([name]) => namesIn(name))).to.have.members(topLevel(serverOptions).map(({ name }) => name))
  })
})

describe('the table of docs/limits.md', () => {
  const rows = tableWith('docs/limits.md', 'headersTimeout')
  const options = new Map(topLevel(serverOptions).map((option) => [option.name, option]))

  it('has every timeout and limit of node:http, and no option that a server has not', () => {
    const names = rows.flatMap(([name]) => namesIn(name))
    expect(names).to.include.members(Object.keys(limitRows))
    expect([...options.keys()]).to.include.members(names)
  })

  for (const [cell, value = ''] of rows) {
    it(`has the default of ${String(cell)}`, () => {
      const option = options.get(namesIn(cell)[0] as string) as OptionRow
      const { default: given, defaultText = '' } = option
      if (typeof given === 'boolean') expect(value).to.equal(String(given))
      else if (option.name !== 'upload') expect(amountIn(value)).to.equal(given ?? amountIn(defaultText))
    })
  }
})

describe('the tables of options of other pages', () => {
  it('name every option of a static folder that serveFile has not', () => {
    const ofFiles = new Set(topLevel(fileOptions).map(({ name }) => name))
    const own = topLevel(staticOptions).filter(({ name }) => !ofFiles.has(name))
    expect(tableWith('docs/files.md', 'index').map(([cell]) => namesIn(cell)[0])).to.have.members(
      own.map(({ name }) => name),
    )
  })

  for (const [page, table, first] of [
    ['docs/requests.md', uploadOptions, 'maxFiles'],
    ['docs/limits.md', inflateOptions, 'maxRatio'],
    ['docs/configuration.md', loadConfigOptions, 'schema'],
    ['docs/database.md', databaseOptions, 'client'],
    ['docs/https.md', httpsOptions, 'key'],
    ['docs/files.md', fileOptions, 'root'],
    ['docs/entry-points.md', entryPointOptions, 'address'],
    ['docs/observers.md', observerOptions, 'url'],
    ['docs/live-routes.md', replaceOptions, 'ifVersion'],
    ['docs/views.md', viewOptions, 'root'],
    ['docs/sessions.md', sessionOptions, 'secret'],
    ['docs/streaming.md', webSocketOptions, 'maxPayload'],
    ['docs/commands.md', commandOptions, 'run'],
    ['docs/commands.md', defineOptions(commandRows), 'preUp'],
    ['docs/middleware.md', corsOptions, 'origin'],
    ['docs/middleware.md', fromExpressOptions, 'path'],
    ['docs/middleware.md', compressOptions, 'threshold'],
    ['docs/middleware.md', securityHeadersOptions, 'contentSecurityPolicy'],
    ['docs/middleware.md', basicAuthOptions, 'users'],
    ['docs/middleware.md', bearerAuthOptions, 'scope'],
    ['docs/middleware.md', redirectToHttpsOptions, 'port'],
    ['docs/middleware.md', etagOptions, 'weak'],
    ['docs/middleware.md', csrfOptions, 'storage'],
    ['docs/requests.md', methodOverrideOptions, 'methods'],
    ['docs/middleware.md', rateLimitOptions, 'average'],
    ['docs/middleware.md', inFlightOptions, 'amount'],
    ['docs/middleware.md', retryOptions, 'attempts'],
    ['docs/middleware.md', circuitBreakerOptions, 'failures'],
    ['docs/middleware.md', redirectOptions, 'to'],
    ['docs/middleware.md', headersOptions, 'request'],
    ['docs/middleware.md', errorPagesOptions, 'service'],
    ['docs/middleware.md', forwardAuthOptions, 'url'],
  ] as const) {
    it(`name every option and no other: ${page}, ${first}`, () => {
      const names = tableWith(page, first).flatMap(([cell]) => namesIn(cell))
      expect(names).to.have.members(topLevel(table).map(({ name }) => name))
    })
  }

  it('say what each option of a database must be, and its default', () => {
    const rows = tableWith('docs/database.md', 'client')
    for (const option of databaseOptions.rows()) {
      const row = rows.find(([name]) => name === `\`${option.name}\``)
      const words = option.words.replace(/^(a time from \d+ ms).*/, '$1')
      const value = option.isRequired ? 'required' : print(option)
      expect(row?.slice(1, 3)).to.deep.equal([words, value])
    }
  })

  it('say what each option of an OpenAPI document must be, and its default', () => {
    const rows = tableWith('docs/openapi.md', 'info')
    expect(rows).to.have.length(topLevel(openapiOptions).length)
    for (const option of topLevel(openapiOptions)) {
      const row = rows.find(([name]) => name === `\`${option.name}\``)
      const value = option.isRequired ? 'required' : option.default === undefined ? row?.[2] : print(option)
      expect(row?.slice(1, 3)).to.deep.equal([option.words, value])
    }
  })

  it('have the defaults of uploads', () => {
    for (const option of uploadOptions.rows().filter(({ default: value }) => value !== undefined)) {
      const row = tableWith('docs/requests.md', 'maxFiles').find(([name]) => name === `\`${option.name}\``)
      expect(amountIn(row?.[1] ?? ''), option.name).to.equal(option.default)
    }
  })
})
