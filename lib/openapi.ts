// Exports of tribind/openapi.
import { openapiWing } from './kit.ts'
import { createOpenapi } from './openapi/create-openapi.ts'

// The calls `openapi` and `openapiDocument`. package.json lists this file under `sideEffects`.
openapiWing.provide(createOpenapi)

export type { OpenapiDocument, OpenapiInfo, OpenapiOperation, OpenapiOptions } from './index.ts'
