import { printDocument } from '../../openapi/document.ts'
import type { Command } from '../command.ts'
import { runApart } from '../inspect/apart.ts'
import { readArgs } from '../inspect/read-args.ts'
import { documentFlags, loadDocument, readModule } from './load-document.ts'

/** `tribind openapi`. */
export const openapi: Command = {
  usage: 'openapi MODULE [--path PATH] [--server NAME]',
  summary: 'Prints the OpenAPI document of an application, without starting it.',
  flags: documentFlags,
  examples: [['tribind openapi app.js > openapi.json', 'the same for the same routes, to keep and to compare']],
  run(args) {
    const read = readArgs('openapi', args, documentFlags)
    const module = readModule('openapi', read)
    return runApart(async (output) => {
      output.write(printDocument(await loadDocument(module, read)))
      return 0
    })
  },
}
