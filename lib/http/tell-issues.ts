import { languageOf, type LanguageCarrier } from './choose-language.ts'
import type { Language } from './language.ts'
import { type Issue, MAX_ISSUES } from './validation-error.ts'

/**
 * Returns the issues of an input with their messages in the language of the request, where that has the lines
 * `validation.CODE` and `fields.NAME`. The others stay as they are, and so do those that no error keeps.
 *
 * @throws what `languageOf` throws, except for a server without languages, and LanguageError for a line that lacks a value
 */
export function tellIssues(issues: readonly Issue[], carrier: LanguageCarrier): readonly Issue[] {
  if (carrier.settings.languages === undefined) return issues
  const language = languageOf(carrier)
  return issues.map((issue, i) => (i < MAX_ISSUES ? tellIssue(issue, language) : issue))
}

/** What schemas have on their issues beside what the standard says. Zod names the kind `code`, Valibot `type`. */
type AnyIssue = Issue & Readonly<Record<'code' | 'type', unknown>>

function tellIssue(issue: Issue, language: Language): Issue {
  const { code, type } = issue as AnyIssue
  const line = `validation.${String(code ?? type)}`
  const name = nameOf(issue)
  if (!language.has(line) || (name !== '' && !language.has(`fields.${name}`))) return issue
  const field = name === '' ? '' : language.t(`fields.${name}`)
  return { ...issue, message: language.t(line, { ...issue, field }) }
}

/** Returns the path of an issue joined with dots, without the places in lists; `''` for an input as a whole. */
function nameOf({ path = [] }: Issue): string {
  const keys = path.map((step) => (typeof step === 'object' ? step.key : step))
  return keys
    .filter((key) => typeof key !== 'number')
    .map(String)
    .join('.')
}
