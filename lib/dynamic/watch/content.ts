import { createHash } from 'node:crypto'
import type { ConfigurationIssue } from '../../index.ts'
import { canonical } from '../canonical.ts'
import { copyDocument } from '../copy-document.ts'

/** What a provider has published, or that it has nothing. */
export interface Content {
  /** Frozen; `undefined` for nothing. */
  readonly document: object | undefined
  /** The same for equal documents, whatever the order of their keys. */
  readonly key: string
  readonly revision: string | number | undefined
}

/** The content of a provider that has withdrawn, or hasn't published yet. */
export const nothing: Content = { document: undefined, key: '', revision: undefined }

const empty: readonly ConfigurationIssue[] = [
  {
    path: '',
    message: 'an empty configuration changes nothing: use withdraw() to take away all that the provider has',
  },
]

/** Reads what a provider published. `undefined`, `null` and `{}` are issues, as is all that can't be copied. */
export function readContent(
  configuration: unknown,
  revision?: string | number,
): { readonly content: Content } | { readonly issues: readonly ConfigurationIssue[] } {
  if (configuration === undefined || configuration === null) return { issues: empty }
  const { document, issues } = copyDocument(configuration)
  if (document === undefined) return { issues }
  if (Object.keys(document).length === 0) return { issues: empty }
  const key = createHash('sha256').update(canonical(document)).digest('base64')
  return { content: { document, key, revision } }
}
