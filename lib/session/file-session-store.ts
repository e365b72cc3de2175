import { mkdir, open, readdir, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { defineOptions, type OptionTable } from '../options/define-options.ts'
import { integer, text } from '../options/option-kinds.ts'
import { onDemandOfNode } from '../base/on-demand.ts'
import { endOf, type SessionStore, type StoredSession } from './session-store.ts'

const crypto = onDemandOfNode<typeof import('node:crypto')>('node:crypto')

export interface FileSessionStoreOptions {
  /** The folder of the files, created when the first session is written. It should contain nothing else. */
  folder: string
  /** How long a session without an age of its own is kept unused, in milliseconds. Default one day. */
  maxAgeMs?: number
}

/** The table of the options of a `FileSessionStore`. */
export const fileSessionStoreOptions: OptionTable<FileSessionStoreOptions> = defineOptions(
  {
    folder: text({ required: true }),
    maxAgeMs: integer({ from: 1, unit: 'milliseconds' }, { default: 86_400_000 }),
  },
  { owner: 'FileSessionStore' },
)

const PRUNE_EVERY_MS = 600_000
/** After this time, an unfinished file is considered abandoned. */
const LEFTOVER_MS = 3_600_000

type Done = (error?: unknown) => void

/**
 * Keeps each session in a JSON file of its own, for one machine and few sessions; several processes may share the folder.
 *
 * A file is named after the hash of its session's id, so that no id leads out of the folder and no name reveals an id. Its
 * time of modification is the end of the session. It is written under another name and renamed, so that it is never read
 * half written. Expired files are removed when they are read, and every ten minutes when something is written.
 */
export class FileSessionStore implements SessionStore {
  readonly #folder: string
  readonly #maxAgeMs: number
  #prunedAt = 0

  /** @throws ConfigError naming the option that doesn't exist, is missing or has a wrong value */
  constructor(options: FileSessionStoreOptions) {
    const { folder, maxAgeMs } = fileSessionStoreOptions.parse(options)
    this.#folder = resolve(folder)
    this.#maxAgeMs = maxAgeMs
  }

  get(id: string, respond: (error?: unknown, session?: StoredSession | null) => void): void {
    this.#read(this.#fileOf(id)).then((session) => respond(null, session), respond)
  }

  set(id: string, session: StoredSession, respond: Done = () => {}): void {
    this.#write(this.#fileOf(id), session).then(() => respond(), respond)
  }

  destroy(id: string, respond: Done = () => {}): void {
    unlessMissing(unlink(this.#fileOf(id))).then(() => respond(), respond)
  }

  touch(id: string, session: StoredSession, respond: Done = () => {}): void {
    const end = new Date(endOf(session, this.#maxAgeMs))
    unlessMissing(utimes(this.#fileOf(id), new Date(), end)).then(() => respond(), respond)
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${crypto().createHash('sha256').update(id).digest('hex')}.json`)
  }

  async #read(path: string): Promise<StoredSession | undefined> {
    const file = await unlessMissing(open(path))
    if (file === undefined) return undefined
    try {
      const { mtime } = await file.stat()
      if (mtime.getTime() <= Date.now()) {
        await unlessMissing(unlink(path))
        return undefined
      }
      const session = JSON.parse(await file.readFile('utf8')) as StoredSession
      // `touch` renews only the time of the file.
      if (session.cookie.expires) session.cookie.expires = mtime
      return session
    } finally {
      await file.close()
    }
  }

  async #write(path: string, session: StoredSession): Promise<void> {
    const json = JSON.stringify(session)
    const aside = `${path}.${crypto().randomUUID()}.tmp`
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    try {
      await writeFile(aside, json, { mode: 0o600, flag: 'wx' })
      await utimes(aside, new Date(), new Date(endOf(session, this.#maxAgeMs)))
      await rename(aside, path)
    } catch (error) {
      await rm(aside, { force: true })
      throw error
    }
    this.#pruneInTime()
  }

  #pruneInTime(): void {
    const now = Date.now()
    if (now - this.#prunedAt < PRUNE_EVERY_MS) return
    this.#prunedAt = now
    // What can't be removed now is tried again the next time; no request fails for it.
    this.prune().catch(() => {})
  }

  /** Removes the files of expired sessions. The store also does this by itself. */
  async prune(): Promise<void> {
    for (const name of (await unlessMissing(readdir(this.#folder))) ?? []) {
      const path = join(this.#folder, name)
      const end = (await unlessMissing(stat(path)))?.mtimeMs
      const isPast = /^[\da-f]{64}\.json$/.test(name) && end !== undefined && end <= Date.now()
      const isLeftover = /^[\da-f]{64}\.json\.[\da-f-]+\.tmp$/.test(name) && (await isOld(path))
      if (isPast || isLeftover) await unlessMissing(unlink(path))
    }
  }
}

async function isOld(path: string): Promise<boolean> {
  const changed = (await unlessMissing(stat(path)))?.ctimeMs
  return changed !== undefined && Date.now() - changed > LEFTOVER_MS
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
