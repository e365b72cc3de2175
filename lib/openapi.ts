// Exports of tribind/openapi.
export type { OpenapiDocument } from './openapi/document.ts'
