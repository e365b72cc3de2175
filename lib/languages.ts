// Exports of tribind/languages.
export { LanguageError } from './index.ts'
export type { DetectLanguage, Language } from './index.ts'
export type { LineFormat } from './languages/create-line.ts'
export type { LinesObject } from './languages/flatten-lines.ts'
export { type LanguagesOptions, loadLanguages } from './languages/load-languages.ts'
export type { Languages } from './languages/languages.ts'
