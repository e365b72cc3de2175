import { onDemand } from '../../base/on-demand.ts'

/** The package that reads and writes cookie fields (RFC 6265). */
export const cookieFormat: () => typeof import('cookie') = onDemand('cookie', () => require('cookie'))
