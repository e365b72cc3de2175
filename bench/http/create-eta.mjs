// eta for those who have no view of their own: templates are read once, as every framework's view does in production.

import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import { viewFolder } from './content.mjs'

export function createEta() {
  return new Eta({ views: fileURLToPath(viewFolder), cache: true })
}
