// Exports of tribind/database.
export { isForeignKeyViolation, isRetryable, isUniqueViolation } from './database/query-errors.ts'
