import { performance } from 'node:perf_hooks'
import { createConfigError, createIssue } from '../../../config/config-issues.ts'
import type { ConfigIssue, ConfigurationSink, ConfigurationIssue } from '../../../index.ts'
import { chooseParts, type Faults } from './choose-parts.ts'
import { hasChanged, mergeParts, type Parts, findInPart, type Part, pathsOf } from './part.ts'
import { type ConfigNode, scalarsOf } from '../../../config/config-node.ts'

const FIRST_RETRY_MS = 4000
const LAST_RETRY_MS = 300_000

interface Told {
  readonly parts: Parts
  /** What the parts are known by. */
  readonly revision: string
}

/** Publishes what some files hold together, and leaves out what is wrong with one of them. */
export class PartsPublisher {
  readonly #sink: ConfigurationSink
  /** What was applied last. */
  #kept: Parts = new Map()
  #latest: Told | undefined
  /** What is wrong with the latest parts. */
  #error: Error | undefined
  #isAway = false
  /** When what was refused of them is published once more: what another provider publishes may make it valid. */
  #retryAt = Infinity
  #retryPause = FIRST_RETRY_MS
  #settled: Promise<void> = Promise.resolve()

  constructor(sink: ConfigurationSink) {
    this.#sink = sink
  }

  /** Resolves when what was told last is applied or refused. */
  get settled(): Promise<void> {
    return this.#settled
  }

  /** Publishes parts, each as it was where it can't be used as it is. */
  tell(parts: Parts, revision: string): void {
    this.#latest = { parts, revision }
    this.#isAway = false
    this.#retryPause = FIRST_RETRY_MS
    this.#settled = this.#publish(this.#latest)
  }

  /** Notes that the source was reached, and is as it was told. */
  confirm(): void {
    if (this.#error === undefined) this.#sink.alive()
    else if (this.#isAway) this.#sink.failed(this.#error)
    this.#isAway = false
    if (this.#latest !== undefined && performance.now() > this.#retryAt) this.#settled = this.#publish(this.#latest)
  }

  /** Notes that the source can't be reached. */
  miss(error: Error): void {
    this.#isAway = true
    this.#sink.failed(error)
  }

  async #publish(latest: Told, refused: Faults = new Map()): Promise<void> {
    this.#retryAt = Infinity
    const { parts, faults } = chooseParts(latest.parts, this.#kept, refused)
    const isLeft = parts.size > 0 && (faults.size === 0 || !isEqual(parts, this.#kept))
    // The sink has told why the parts were refused, and nothing came in their place.
    if (!isLeft) return this.#fail([...faults].filter(([source]) => !refused.has(source)))
    const publishing = this.#sink.publish(mergeParts(parts.values()), latest.revision)
    // The verdict may wait for other providers.
    this.#fail([...faults])
    const verdict = await publishing
    if (verdict.applied) this.#kept = parts
    if ('superseded' in verdict || latest !== this.#latest) return
    if (!verdict.applied) return this.#publishLess(latest, refused, blame(verdict.issues, parts, this.#kept))
    if (refused.size > 0) this.#retryLater()
  }

  async #publishLess(latest: Told, refused: Faults, more: Faults): Promise<void> {
    if (more.size > 0) await this.#publish(latest, new Map([...refused, ...more]))
  }

  #retryLater(): void {
    this.#retryAt = performance.now() + this.#retryPause
    this.#retryPause = Math.min(2 * this.#retryPause, LAST_RETRY_MS)
  }

  #fail(faults: readonly (readonly [source: string, issues: readonly ConfigIssue[]])[]): void {
    const issues = [...new Set(faults.flatMap(([, issues]) => issues))]
    this.#error = issues.length > 0 ? createConfigError(issues, 'ERR_TRIBIND_CONFIG_FILE') : undefined
    if (this.#error !== undefined) this.#sink.failed(this.#error)
  }
}

/** Creates the error of a source that can't be read at all. @param problem in words that follow its name */
export function createSourceError(source: string, problem: string): Error {
  return createConfigError([createIssue([], { source }, problem)], 'ERR_TRIBIND_CONFIG_FILE')
}

function isEqual(a: Parts, b: Parts): boolean {
  return a.size === b.size && ![...a.keys()].some((source) => hasChanged(source, a, b))
}

/**
 * Returns the files that issues of a merged configuration are about, each with its issues.
 *
 * A file that is served as it is now is not to blame. Where the issues are about those alone, the files are to blame that have lost
 * what these refer to, or else all that have changed.
 */
function blame(issues: readonly ConfigurationIssue[], parts: Parts, kept: Parts): Faults {
  const located = issues.map((issue) => locate(issue, parts))
  const changed = [...new Set([...parts.keys(), ...kept.keys()])].filter((source) => hasChanged(source, parts, kept))
  const own = changed.map((source) => [source, located.filter((issue) => issue.source === source)] as const)
  if (own.some(([, about]) => about.length > 0)) return new Map(own.filter(([, about]) => about.length > 0))
  const texts = new Set(located.flatMap(({ path }) => textsAt(path, parts)))
  const losers = changed.filter((source) => lostNames(source, parts, kept).some((name) => texts.has(name)))
  const blamed = losers.length > 0 ? losers : changed
  return new Map(blamed.map((source) => [source, parts.has(source) ? located : [...located, describeGone(source)]]))
}

function describeGone(source: string): ConfigIssue {
  return createIssue([], { source }, 'is gone, and what it had is still served')
}

function locate({ path, message }: ConfigurationIssue, parts: Parts): ConfigIssue {
  return createIssue([path], findIn(parts, path) ?? { source: 'the files together' }, message)
}

function findIn(parts: Parts, path: string): ConfigNode | undefined {
  for (const part of parts.values()) {
    const node = findInPart(part, path)
    if (node !== undefined) return node
  }
  return undefined
}

function textsAt(path: string, parts: Parts): unknown[] {
  const node = findIn(parts, path)
  return node === undefined ? [] : scalarsOf(node).map(({ value }) => value)
}

/** Lists the names that a file had and doesn't have any more. */
function lostNames(source: string, parts: Parts, kept: Parts): string[] {
  const names = (part: Part | undefined) =>
    part === undefined ? [] : pathsOf(part).map(({ path }) => path.at(-1) ?? '')
  const left = new Set(names(parts.get(source)))
  return names(kept.get(source)).filter((name) => !left.has(name))
}
