import type { ConfigurationIssue, ConfigurationStatus } from '../../index.ts'

/** Frozen documents by the name of the provider, in the order in which they are merged. A provider without one is absent. */
export type Documents = ReadonlyMap<string, object>

/** By the name of the provider. */
export type IssuesByProvider = ReadonlyMap<string, readonly ConfigurationIssue[]>

/** What came of documents that were to be served. */
export type Applied =
  | {
      readonly applied: true
      readonly version: number
      readonly isChanged: boolean
      readonly issues: IssuesByProvider
    }
  | { readonly applied: false; readonly issues: IssuesByProvider }

/** What the watcher applies documents with. */
export interface Aggregator {
  apply(documents: Documents): Promise<Applied>
  check(documents: Documents): Promise<IssuesByProvider>
  readonly parts: Pick<ConfigurationStatus, 'routes' | 'services' | 'middlewares'>
}
