// Exports of tribind/admin.
import { createAdmin } from './admin/create-admin.ts'
import { adminWing } from './kit.ts'

// The option `admin` of a server. package.json lists this file under `sideEffects`.
adminWing.provide(createAdmin)

export type { AdminOptions } from './index.ts'
