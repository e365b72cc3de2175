import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where tribind's own code lies, with a separator at the end; the build bundles it into `dist/`, so only a file beside index.ts knows. */
export const ownFolder: string = dirname(fileURLToPath(import.meta.url)) + sep
