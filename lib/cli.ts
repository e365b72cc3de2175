// What bin/tribind.mjs calls.
export { main } from './cli/main.ts'
