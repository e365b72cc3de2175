// Exports of tribind/admin.
export type { AdminOptions } from './index.ts'
