import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const { url }: { readonly url?: string } = import.meta

/**
 * Where tribind's own code lies, with a separator at the end; the build bundles it into `dist/`, so only a file beside index.ts
 * knows. `undefined` in a program that was bundled as CommonJS, which has no `import.meta`.
 */
export const ownFolder: string | undefined = url === undefined ? undefined : dirname(fileURLToPath(url)) + sep
