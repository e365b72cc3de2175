import { mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ConfigError, type OpenapiDocument } from '../../index.ts'
import type { Command } from '../command.ts'
import { runApart } from '../inspect/apart.ts'
import { readArgs } from '../inspect/read-args.ts'
import { documentFlags, loadDocument, readModule } from './load-document.ts'

const flags = {
  out: { type: 'string', short: 'o', value: 'FILE', summary: 'where it is written; else to standard output' },
  ...documentFlags,
} as const

/** `tribind client`. */
export const client: Command = {
  usage: 'client MODULE [--out FILE] [--path PATH] [--server NAME]',
  summary: 'Writes a typed client of an application for openapi-fetch, without starting it.',
  flags,
  examples: [['tribind client app.js --out src/client.ts', 'types of all paths, inputs and answers']],
  run(args) {
    const read = readArgs('client', args, flags)
    const module = readModule('client', read)
    const { out } = read.values
    return runApart(async (output) => {
      const text = await writeClient(await loadDocument(module, read), basename(module))
      if (typeof out === 'string') await save(out, text)
      else output.write(text)
      return 0
    })
  },
}

async function save(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  } catch (cause) {
    const { message } = cause as Error
    throw new ConfigError(`client: --out "${file}" could not be written: ${message}`, {
      failure: 'ERR_TRIBIND_OPTION_VALUE',
      cause,
    })
  }
}

async function writeClient(document: OpenapiDocument, module: string): Promise<string> {
  const { default: openapiTypes, astToString } = await loadPackage()
  // What has a default may be left out of what is sent.
  const types = astToString(await openapiTypes(JSON.stringify(document), { defaultNonNullable: false }))
  return `// Written by "tribind client ${module}": write it again when the routes change.

import createFetchClient, { type Client, type ClientOptions } from 'openapi-fetch'

${types}
/** Creates a client, whose methods know paths, inputs and answers. */
export function createClient(options?: ClientOptions): Client<paths> {
  return createFetchClient<paths>(options)
}
`
}

async function loadPackage(): Promise<typeof import('openapi-typescript')> {
  try {
    return await import('openapi-typescript')
  } catch (cause) {
    throw new ConfigError(
      'tribind client needs the package "openapi-typescript", which could not be loaded: run npm install --save-dev openapi-typescript, and npm install openapi-fetch for what it writes',
      { failure: 'ERR_TRIBIND_PACKAGE_MISSING', cause },
    )
  }
}
