import { createHash } from 'node:crypto'
import { ConfigError, type ConfigurationSink, type InstanceStatus, type Verdict } from '../../../index.ts'
import type { Store, Stored } from './store.ts'
import { documentError, emptyError, isDocumentError, isEmptyError, parseDocument, readText } from './store-document.ts'

/** What of a store was published, what became of it, and what is wrong now. */
export class Publication {
  readonly #store: Store
  readonly #sink: ConfigurationSink
  readonly #onNews: () => void
  /** What was read and published last: older ones are ignored, the same one isn't published again. */
  #last: { readonly revision: number | undefined; readonly hash: string } | undefined
  #verdict: Promise<unknown> = Promise.resolve()
  #served: Pick<InstanceStatus, 'revision' | 'version' | 'issues'> = { revision: undefined, version: 0, issues: [] }
  /** What keeps the newest document from being published. */
  #trouble: Error | undefined

  /** @param onNews called when `status` has changed */
  constructor(store: Store, sink: ConfigurationSink, onNews: () => void) {
    this.#store = store
    this.#sink = sink
    this.#onNews = onNews
  }

  /** What is served of it, and why not all. */
  get status(): Pick<InstanceStatus, 'revision' | 'version' | 'issues'> {
    const { issues } = this.#served
    if (this.#trouble === undefined) return this.#served
    return { ...this.#served, issues: [{ path: '', message: this.#trouble.message }, ...issues] }
  }

  /** Resolves when what was published last has its verdict. */
  async settled(): Promise<void> {
    await this.#verdict
  }

  /** Takes the next document whatever its revision. */
  forget(): void {
    this.#last = undefined
  }

  /** Publishes what was read, unless it is what was published last. @throws ConfigError for what can't be published */
  take(stored: Stored | undefined): void {
    if (stored === undefined) throw emptyError(`there is no document yet: ${this.#store.advice}`)
    const { revision } = stored
    const known = this.#last?.revision
    if (revision !== undefined && known !== undefined && revision < known) throw olderError(revision, known)
    const text = readText(stored.document)
    const hash = createHash('sha256').update(text).digest('base64url').slice(0, 16)
    const isNew = this.#last?.hash !== hash || known !== revision
    const document = isNew ? parseDocument(text) : undefined
    this.#last = { revision, hash }
    this.#recover()
    if (document !== undefined) this.#publish(document, revision ?? hash)
  }

  /** Tells what is wrong with the store or its document, once. */
  tell(error: Error): void {
    // What comes next may have been counted anew.
    if (isEmptyError(error)) this.forget()
    const told = this.#describe(error)
    if (this.#trouble?.message === told.message) return
    this.#trouble = told
    this.#sink.failed(told)
    if (isDocumentError(error)) this.#onNews()
  }

  /** Tells of what leaves the document as it is. */
  remark(error: Error): void {
    this.#sink.failed(error)
    this.alive()
  }

  /** Tells that the store answers, unless there is something wrong all the same. */
  alive(): void {
    if (this.#trouble === undefined) this.#sink.alive()
  }

  #recover(): void {
    const wasTold = this.#trouble !== undefined
    this.#trouble = undefined
    this.alive()
    if (wasTold) this.#onNews()
  }

  /** Doesn't wait for the verdict: a newer document may take the place of this one. */
  #publish(document: object, revision: string | number): void {
    this.#verdict = this.#sink.publish(document, revision).then((verdict) => this.#note(verdict, revision))
  }

  #note(verdict: Verdict, revision: string | number): void {
    if (verdict.applied) this.#served = { revision, version: verdict.version, issues: [] }
    else if ('issues' in verdict) this.#served = { ...this.#served, issues: verdict.issues }
    else return
    this.#onNews()
  }

  #describe(error: Error): ConfigError {
    const { place } = this.#store
    const [failure, problem, cause] = isDocumentError(error)
      ? ([error.failure, `: ${error.message}`, error.cause] as const)
      : (['ERR_TRIBIND_STORE_UNREACHABLE', ` can't be reached: ${messageOf(error)}`, error] as const)
    return new ConfigError(`${place}${problem}; what was served goes on`, { failure, cause })
  }
}

function olderError(revision: number, known: number): ConfigError {
  return documentError(
    `revision ${revision} is older than revision ${known}, which was published before, and is ignored: write a newer one, or reload the provider to take it`,
  )
}

/** Node.js reports several addresses that refuse as an error without a message. */
function messageOf(error: Error): string {
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name)
}
